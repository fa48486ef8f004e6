import type { Document } from '../description/document.js';
import { isObject, type JsonObject, listIn, numberIn, objectIn, wordsIn } from '../description/json.js';
import type { Node } from '../description/references.js';
import { literals, typesOf } from './keywords.js';
import { number, text } from './scalar.js';
import type { Reading, Shape } from './shape.js';

type ShapeOf = (node: Node, reading: Reading) => Shape;

/** Returns what a schema itself says of a value other than null, without the schemas that it combines. */
export function ownShape(document: Document, node: Node, reading: Reading, shapeOf: ShapeOf): Shape {
  const schema = objectIn(node.value);
  const types = typesOf(schema).filter((type) => type !== 'null');
  if (schema['const'] !== undefined) return literals([schema['const']], types);
  if (Array.isArray(schema['enum'])) return literals(schema['enum'], types);
  const shapes = types.map((type): Shape => {
    switch (type) {
      case 'string':
        return text(schema, reading.direction);
      case 'integer':
      case 'number':
        return number(schema, type === 'integer', reading.direction);
      case 'boolean':
        return { kind: 'scalar', type: 'boolean', code: 'z.boolean()' };
      case 'array':
        return arrayAt(document, node, reading, shapeOf);
      case 'object':
        return objectAt(document, node, reading, shapeOf);
      default:
        reading.notes.add(`the type "${type}" is not known, nor checked`);
        return { kind: 'unknown' };
    }
  });
  const [first] = shapes;
  if (!first) return typesOf(schema).includes('null') ? literals([null], []) : { kind: 'unknown' };
  return shapes.length === 1
    ? first
    : { kind: 'union', options: shapes, discriminator: null, mayBeSeveral: false };
}

function arrayAt(document: Document, node: Node, reading: Reading, shapeOf: ShapeOf): Shape {
  const schema = objectIn(node.value);
  const items = document.child(node, 'items');
  const rest: Shape = items.value === undefined ? { kind: 'unknown' } : shapeOf(items, reading);
  const first = listIn(schema['prefixItems']);
  if (first.length === 0)
    return {
      kind: 'array',
      items: rest,
      checks: reading.direction === 'request' ? lengthChecks(schema) : '',
    };
  const shapes = first.map((_, n) => shapeOf(document.child(node, 'prefixItems', n), reading));
  const least = Math.min(numberIn(schema['minItems']) ?? 0, shapes.length);
  return { kind: 'tuple', items: shapes, least, rest: items.value === false ? null : rest };
}

function lengthChecks(schema: JsonObject): string {
  const least = numberIn(schema['minItems']) ?? 0;
  const most = numberIn(schema['maxItems']);
  return (least > 0 ? `.min(${least})` : '') + (most !== null && most >= 0 ? `.max(${most})` : '');
}

function objectAt(document: Document, node: Node, reading: Reading, shapeOf: ShapeOf): Shape {
  const schema = objectIn(node.value);
  const names = Object.keys(objectIn(schema['properties']));
  const required = wordsIn(schema['required']);
  const more = document.child(node, 'additionalProperties');
  if (names.length === 0 && required.length === 0 && more.value !== false)
    return { kind: 'record', values: isObject(more.value) ? shapeOf(more, reading) : { kind: 'unknown' } };

  if (isObject(more.value) && Object.keys(more.value).length > 0)
    reading.notes.add('"additionalProperties" is not checked beside "properties"');
  const fields = new Map<string, Shape>();
  const hidden = new Set<string>();
  for (const name of names) {
    const field = document.child(node, 'properties', name);
    if (isHidden(document, field, reading)) hidden.add(name);
    // Where it is absent, zod would read the property that every object inherits.
    else if (name in Object.prototype && !required.includes(name))
      reading.notes.add(`the field "${name}" is left out`);
    else fields.set(name, shapeOf(field, reading));
  }
  return {
    kind: 'object',
    fields,
    required: new Set(required.filter((name) => !hidden.has(name))),
    isLoose: [more.value, schema['patternProperties'], schema['unevaluatedProperties']].some(
      (others) => others === true || isObject(others),
    ),
  };
}

/** A request has no read-only fields, a response no write-only ones. */
function isHidden(document: Document, field: Node, { direction }: Reading): boolean {
  const mark = direction === 'request' ? 'readOnly' : 'writeOnly';
  return [field, document.target(field)].some(({ value }) => objectIn(value)[mark] === true);
}
