import { isObject, type JsonObject, objectIn, wordsIn } from '../description/json.js';
import { type Literal, nullable, type Shape } from './shape.js';

/** Keywords for which zod has no check. */
export const UNCHECKED: readonly string[] = [
  ...['not', 'if', 'contains', 'dependentRequired', 'dependentSchemas', 'dependencies'],
  ...['patternProperties', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties', '$dynamicRef'],
];

const ANNOTATION =
  /^(\$comment|title|summary|description|default|examples?|deprecated|(read|write)Only|externalDocs|xml|x-.*)$/;

/** Returns whether a schema has annotations only. */
export const saysNothing = (schema: JsonObject) => Object.keys(schema).every((key) => ANNOTATION.test(key));

/** Returns whether a schema allows null only. */
export function isNullSchema(value: unknown): boolean {
  const { type, const: only, enum: some } = objectIn(value);
  return type === 'null' || only === null || (Array.isArray(some) && some.length === 1 && some[0] === null);
}

/** Returns the types that a schema names, or that its keywords imply. */
export function typesOf(schema: JsonObject): readonly string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return wordsIn(type);
  const isObjects =
    isObject(schema['properties']) ||
    isObject(schema['additionalProperties']) ||
    Array.isArray(schema['required']);
  if (isObjects) return ['object'];
  return schema['items'] !== undefined || schema['prefixItems'] !== undefined ? ['array'] : [];
}

/**
 * Returns the shape of the values that a schema lists.
 *
 * @param types - The types that it names, without null
 */
export function literals(values: readonly unknown[], types: readonly string[]): Shape {
  // YAML reads `enum: [1.0, 2.0]` as numbers, also where the type is `string`.
  const isText = types.length > 0 && types.every((type) => type === 'string');
  const read = values.map((value) => (isText && value !== null ? String(value) : value));
  const known = read.filter(isLiteral);
  if (known.length < read.length) return { kind: 'unknown' };
  const others = [...new Set(known)].filter((value) => value !== null);
  if (others.length === 0) return { kind: 'literals', values: [null] };
  const shape: Shape = { kind: 'literals', values: others };
  return known.includes(null) ? nullable(shape) : shape;
}

const isLiteral = (value: unknown): value is Literal =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);
