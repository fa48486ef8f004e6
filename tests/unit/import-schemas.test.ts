import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openDocument } from '../../tools/import-openapi/description/document';
import { createShapes } from '../../tools/import-openapi/schema/build';
import { cheapPattern } from '../../tools/import-openapi/schema/pattern';
import { createPrinter } from '../../tools/import-openapi/schema/print';
import type { Direction } from '../../tools/import-openapi/schema/shape';
import { temporaryFolder } from '../support/environment';

const folder = temporaryFolder();
const printer = createPrinter({ constantOf: () => '', typeOf: () => null });

/** Reads schemas as an import does, and evaluates what it writes. */
async function imported(
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

const key = fc.constantFrom('a', 'b', 'c');
const word = fc.constantFrom('', 'a', 'b', 'ab', 'abc');
const number = fc.constantFrom(-1, 0, 1, 1.5, 2, 3);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(word, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value')),
  ),
}));

/** An object that requires some of the fields that it names. */
const objectOf = <Field>(field: fc.Arbitrary<Field>) =>
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

const bound = fc.integer({ min: 0, max: 2 });
const { schema } = fc.letrec<{ schema: z.core.JSONSchema.BaseSchema; object: z.core.JSONSchema.BaseSchema }>(
  (tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<z.core.JSONSchema.BaseSchema[]>(
        { type: 'boolean' },
        { type: 'null' },
        {},
        { type: ['string', 'null'] },
        { type: ['integer', 'string'] },
      ),
      fc.record(
        { type: fc.constant('string'), minLength: bound, maxLength: bound },
        { requiredKeys: ['type'] },
      ),
      fc.record(
        {
          type: fc.constantFrom('integer', 'number'),
          minimum: bound,
          exclusiveMaximum: bound,
          multipleOf: fc.constant(1),
        },
        { requiredKeys: ['type'] },
      ),
      fc.record({
        enum: fc.uniqueArray(fc.oneof(word, number, fc.boolean(), fc.constant(null)), { minLength: 1 }),
      }),
      fc.record({ const: fc.oneof(word, number, fc.boolean()) }),
      fc.record(
        { type: fc.constant('array'), items: tie('schema'), minItems: bound, maxItems: bound },
        { requiredKeys: ['type', 'items'] },
      ),
      fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie('object'), { minLength: 1, maxLength: 2 }) }),
      tie('object'),
    ),
    object: objectOf(tie('schema')),
  }),
);

test('A5 property: a request is accepted exactly where zod’s own reading of the schema accepts it', async () => {
  let accepted = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(schema, { minLength: 10, maxLength: 15 }),
      fc.array(value, { minLength: 20, maxLength: 30 }),
      async (schemas, values) => {
        const ours = await imported(schemas, 'request');
        for (const [n, own] of ours.entries()) {
          const reference = z.fromJSONSchema(schemas[n] ?? {});
          for (const one of values) {
            const isAccepted = own.safeParse(one).success;
            expect(isAccepted, JSON.stringify({ schema: schemas[n], value: one })).toBe(
              reference.safeParse(one).success,
            );
            if (isAccepted) accepted += 1;
            else refused += 1;
          }
        }
      },
    ),
    { numRuns: 20 },
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(300);
});

/** Where an object may be: at the top, or deeper. */
const places = fc.constantFrom(
  { of: (schema: object) => schema, with: (one: unknown) => one, path: [] },
  {
    of: (items: object) => ({ type: 'array', items }),
    with: (one: unknown) => [one],
    path: [0],
  },
  {
    of: (schema: object) => ({
      type: 'object',
      properties: { at: { type: ['array', 'null'], items: schema } },
    }),
    with: (one: unknown) => ({ at: [one] }),
    path: ['at', 0],
  },
  {
    of: (additionalProperties: object) => ({ type: ['object', 'null'], additionalProperties }),
    with: (one: unknown) => ({ any: one }),
    path: ['any'],
  },
  {
    of: (schema: object) => ({
      type: 'array',
      prefixItems: [{ type: 'string' }, { anyOf: [schema, { type: 'boolean' }] }],
    }),
    with: (one: unknown) => ['a', one],
    path: [1],
  },
);

test('A8 property: an answer that fits one of several objects, at any depth, keeps what that one names', async () => {
  const member = objectOf(fc.constant({ type: 'string' as const }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 2, maxLength: 4 }),
      fc.dictionary(key, word),
      places,
      async (members, one, place) => {
        const [union] = await imported([{ anyOf: members.map(place.of) }], 'answer');
        const fits = members.filter(({ required }) => required.every((name) => Object.hasOwn(one, name)));
        const parsed = union?.safeParse(place.with(one));
        expect(parsed?.success).toBe(fits.length > 0);
        const named = new Set(fits.flatMap(({ properties }) => Object.keys(properties)));
        for (const name of Object.keys(one))
          if (named.has(name)) expect(parsed?.data).toHaveProperty([...place.path, name]);
      },
    ),
    { numRuns: 300 },
  );
});

const simple = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } };
const full = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: { type: 'integer' }, name: { type: 'string' } },
};
const kinds = ['k', 'l'].map((name) => ({
  type: 'object',
  required: [name],
  properties: { [name]: { type: 'string' } },
}));
const ada = { id: 1, name: 'Ada' };

test.each([
  ['lists', { oneOf: [simple, full].map((items) => ({ type: 'array', items })) }, [ada]],
  [
    'objects that differ deeper',
    { oneOf: [simple, full].map((item) => ({ type: 'object', required: ['item'], properties: { item } })) },
    { item: ada },
  ],
  ['an object that may be null', { oneOf: [{ ...full, type: ['object', 'null'] }, simple] }, ada],
  [
    'what allOf puts together',
    { oneOf: [simple, full].map((one) => ({ allOf: [one, { oneOf: kinds }] })) },
    { ...ada, k: 'k' },
  ],
  [
    'records',
    { anyOf: [simple, full].map((one) => ({ type: 'object', additionalProperties: one })) },
    { a: ada },
  ],
  [
    'names that follow a pattern',
    { type: 'object', properties: { id: {} }, patternProperties: { '^x-': { type: 'string' } } },
    { id: 'a', 'x-b': 'c' },
  ],
  [
    'such names only',
    { additionalProperties: false, patternProperties: { '^x-': {} }, type: 'object' },
    { 'x-b': 1 },
  ],
  [
    'names that no part of a schema knows',
    { type: 'object', properties: { id: {} }, unevaluatedProperties: { type: 'string' } },
    { id: 'a', more: 'c' },
  ],
  ['required fields that are not described', { type: 'object', required: ['id'] }, ada],
  [
    'a list that is shorter than its first items',
    { prefixItems: [{ type: 'string' }, { type: 'integer' }] },
    ['a'],
  ],
])('A8 no field of an answer is lost: %s', async (_, given, answer) => {
  const [read] = await imported([given], 'answer');
  expect(read?.safeParse(answer)).toEqual({ success: true, data: answer });
});

test('an answer is held to its shape only, a request to all that its schema says', async () => {
  const schemas = [
    { type: 'string', format: 'uuid', maxLength: 3, pattern: '^a' },
    { type: 'integer', minimum: 3 },
    { type: 'array', items: { type: 'string', format: 'date-time' }, maxItems: 1 },
  ];
  const odd = ['long', 1.5, ['x', 'y']];
  const accepts = (read: readonly z.ZodType[]) => read.map((one, n) => one.safeParse(odd[n]).success);
  expect(accepts(await imported(schemas, 'answer'))).toEqual([true, true, true]);
  expect(accepts(await imported(schemas, 'request'))).toEqual([false, false, false]);
});

test('what the parts of an allOf say of one field holds all together', async () => {
  const parts = (...fields: object[]) => ({
    allOf: fields.map((a) => ({ type: 'object', properties: { a } })),
  });
  const read = await imported(
    [
      parts({ type: 'string' }, { type: 'number' }),
      parts({ type: 'integer', minimum: 2 }, { type: 'integer', maximum: 3 }),
      parts({ enum: [1, 'x', 2] }, { type: 'integer', maximum: 1 }),
      parts({ type: ['string', 'null'] }, { type: 'string', maxLength: 1 }),
    ],
    'request',
  );
  const accepted = read.map((one) =>
    [1, 2, 3, 4, 'x', 'xy', null].filter((a) => one.safeParse({ a }).success),
  );
  expect(accepted).toEqual([[], [2, 3], [1], ['x']]);
});

test('OpenAPI 3.0 says null and bounds in its own words', async () => {
  const read = await imported(
    [
      { type: 'string', nullable: true },
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      {
        allOf: [
          { type: 'object', nullable: true, properties: { a: { type: 'string' } } },
          { description: 'x' },
        ],
      },
    ],
    'request',
    '3.0.3',
  );
  expect(read.map((one) => one.safeParse(null).success)).toEqual([true, false, true]);
  expect([1, 1.1].map((one) => read[1]?.safeParse(one).success)).toEqual([false, true]);
});

test.each([
  ['^[a-z0-9-]+$', true],
  ['^[0-9a-f]{8}-[0-9a-f]{4}$', true],
  ['^/it\'s "/$', true],
  ['^\\d{1,10}\\.\\d{2,}$', true],
  ['^\\(x|)?$', false],
  ['[a-z]+', false],
  ['^(a+)+$', false],
  ['^(a|a)*$', false],
  ['^a*a*b$', false],
  ['^a{0,9999}a{0,9999}b$', false],
  ['^(?<=x)', false],
  ['^[', false],
])('the pattern %s runs on what users send: %s', (pattern, isCheap) => {
  const source = cheapPattern(pattern);
  expect(source !== null).toBe(isCheap);
  if (source) expect(new Function(`return ${source}`)()).toBeInstanceOf(RegExp);
});
