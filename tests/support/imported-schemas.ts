import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { openDocument } from '../../packages/import-openapi/src/description/document';
import type { Direction } from '../../packages/import-openapi/src/schema/shape';
import { createShapes } from '../../packages/import-openapi/src/schema/shapes';
import { createPrinter } from '../../packages/import-openapi/src/zod/printer';
import { temporaryFolder } from './environment';

const folder = temporaryFolder();
const printer = createPrinter({ constantOf: () => '', typeOf: () => null });

/** Reads schemas as an import does, and evaluates what it writes. */
export async function imported(
  schemas: readonly object[],
  direction: Direction,
  openapi = '3.1.0',
): Promise<z.ZodType[]> {
  const file = join(folder, `${randomUUID()}.json`);
  writeFileSync(file, JSON.stringify({ openapi, schemas }));
  const document = await openDocument(file);
  const shapes = createShapes(document);
  return schemas.map((_, n) => {
    const shape = shapes.shapeOf(document.child(document.root, 'schemas', n), {
      direction,
      notes: new Set(),
    });
    return new Function('z', `return ${printer.schema(shape)}`)(z);
  });
}

/** A name of a field. */
export const key = fc.constantFrom('a', 'b', 'c');

/** A short text. */
export const word = fc.constantFrom('', 'a', 'b', 'ab', 'abc');

/** An object that requires some of the fields that it names. */
export const objectOf = <Field>(field: fc.Arbitrary<Field>) =>
  fc
    .record({
      type: fc.constant('object' as const),
      properties: fc.dictionary(key, field, { minKeys: 1 }),
      required: fc.uniqueArray(key),
    })
    .map((made) => ({
      ...made,
      required: made.required.filter((name) => Object.hasOwn(made.properties, name)),
    }));
