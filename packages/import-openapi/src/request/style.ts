import { Unsupported } from '../description/unsupported.js';
import type { Shape } from '../schema/shape.js';
import type { Member } from './plan.js';
import { urlKind, worded } from './url-kind.js';

/** How the description writes a parameter. */
interface Style {
  readonly name: string;
  readonly style: string;
  readonly explode: boolean;
  readonly isJson: boolean;
}

const SEPARATORS: Readonly<Record<string, string>> = { form: ',', spaceDelimited: ' ', pipeDelimited: '|' };

/**
 * Decides how a query parameter, or a field of a form, is written.
 *
 * @returns Its shape, and what writes it, null where it is sent as it is
 * @throws {Unsupported} when its style does not fit such a value
 * @see https://spec.openapis.org/oas/v3.1.1.html#style-values
 */
export function queryStyle(
  { name, style, explode, isJson }: Style,
  given: Shape,
): { shape: Shape; member: Member | null } {
  const key = JSON.stringify(name);
  if (isJson) return { shape: given, member: (value) => `${key}: JSON.stringify(${value})` };
  const shape = worded(given);
  const kind = urlKind(shape);
  if (style === 'deepObject') return { shape, member: (value) => `...deepObject(${key}, ${value})` };
  if (kind === 'word' || (kind === 'list' && style === 'form' && explode)) return { shape, member: null };
  const separator = SEPARATORS[style];
  const isOneWord = (kind === 'list' || (kind === 'object' && !explode)) && separator !== undefined;
  if (isOneWord)
    return { shape, member: (value) => `${key}: separated(${value}, ${JSON.stringify(separator)})` };
  if (kind === 'object' && style === 'form' && explode) return { shape, member: (value) => `...${value}` };
  const what = kind === 'list' ? 'a list' : kind === 'object' ? 'an object' : 'more than an object of words';
  throw new Unsupported(`${what} in the style "${style}", explode ${explode}`);
}

/**
 * Decides how a path parameter is written.
 *
 * @throws {Unsupported} when it is neither a word nor a plain list of words
 */
export function pathTransform(
  { style, explode, isJson }: Style,
  given: Shape,
): { shape: Shape; transform: string } {
  if (style !== 'simple') throw new Unsupported(`the style "${style}"`);
  if (isJson) return { shape: given, transform: '.transform((value) => JSON.stringify(value))' };
  const shape = given.kind === 'nullable' ? given.inner : given;
  if (shape.kind === 'unknown')
    return { shape: { kind: 'scalar', type: 'string', code: 'z.string()' }, transform: '' };
  const kind = urlKind(shape);
  if (kind === 'word') return { shape, transform: '' };
  if (kind === 'list' && shape.kind === 'array')
    return { shape, transform: ".transform((items) => items.join(','))" };
  if (kind === 'object' && !explode)
    return { shape, transform: ".transform((value) => separated(value, ',') ?? '')" };
  throw new Unsupported('neither a word nor a list of words');
}

/**
 * Returns the shape of a header's value.
 *
 * @throws {Unsupported} when it is neither a word nor a list of words
 */
export function headerShape({ isJson, explode }: Style, given: Shape): Shape {
  const shape = worded(given);
  const kind = urlKind(shape);
  if (isJson || kind === 'deep' || (kind === 'object' && explode))
    throw new Unsupported('neither a word nor a list of words');
  return shape;
}
