import { queryString } from '../client.js';
import type { Query, UrlValue } from '../upstream.js';

type Words = UrlValue | readonly UrlValue[] | null | undefined;

/** An object is serialized as alternating names and values: `{ r: 1, g: 2 }` is `r,1,g,2`. */
type Pairs = Readonly<Record<string, Words>>;

/**
 * Serializes a list as one value, `ids=1,2,3`, for an API that does not take `ids=1&ids=2&ids=3`; an object as a list of
 * alternating names and values.
 *
 * @param separator - Between the items: `,`, a space or `|`
 * @returns The value, or undefined when there is no list
 * @see https://spec.openapis.org/oas/v3.1.1.html#style-values
 */
export function separated(items: Words | Pairs, separator: string): string | undefined {
  if (items === undefined || items === null) return undefined;
  if (typeof items !== 'object' || Array.isArray(items)) return [items].flat().join(separator);
  const defined = Object.entries(items).filter(([, value]) => value !== undefined && value !== null);
  return defined.flat(2).join(separator);
}

/**
 * Serializes an object as query parameters or form fields with its keys in brackets: `filter[author]=alice`,
 * `items[0][price]=7`.
 *
 * @param name - The name before the brackets
 * @param value - An object or a list; a plain value is kept unchanged, undefined and null are left out
 * @see https://spec.openapis.org/oas/v3.1.1.html#style-values (`deepObject`)
 */
export function deepObject(name: string, value: unknown): Record<string, UrlValue> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object') return { [name]: isWord(value) ? value : String(value) };
  const inner = Object.entries(value).map(([key, item]) => deepObject(`${name}[${key}]`, item));
  return Object.assign({}, ...inner);
}

const isWord = (value: unknown): value is UrlValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/**
 * Builds headers from parts of an input: undefined and null are left out, lists are separated by commas. A value that
 * is not valid in a header is refused when the call is sent.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110 (section 5.6.1)
 */
export function headerFields(values: Readonly<Record<string, Words | Pairs>>): Record<string, string> {
  const pairs = Object.entries(values).map(([name, value]) => [name, separated(value, ',')] as const);
  return Object.fromEntries(pairs.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Serializes values as a form body, `application/x-www-form-urlencoded`, by the rules of {@link queryString}. */
export const urlEncoded = (fields: Query): URLSearchParams => new URLSearchParams(queryString(fields));
