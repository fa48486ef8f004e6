import { pathToFileURL } from 'node:url';
import { $RefParser } from '@apidevtools/json-schema-ref-parser';
import { isObject, listIn, objectIn, textIn } from './json.js';
import { createReferences, type Node, type References } from './references.js';

/** A description of an API, all of its files read. */
export interface Document extends References {
  readonly root: Node;
  /** The value of its field `openapi`, e.g. `3.1.0`. */
  readonly version: string;
}

/**
 * Reads a description, JSON or YAML, and the files to which it refers. Nothing is fetched over HTTP.
 *
 * @param file - Path of the description
 * @throws {Error} when it cannot be read, or is no OpenAPI 3 description
 */
export async function openDocument(file: string): Promise<Document> {
  if (/^https?:/i.test(file)) throw new Error(`${file} is not fetched: download it first.`);
  const parser = new $RefParser();
  // Another file that cannot be read concerns only the operations that refer to it.
  await parser.resolve(file, { continueOnError: true, resolve: { http: false } }).catch((error: unknown) => {
    if (!isObject(parser.schema)) throw firstOf(error);
  });
  // The parser has an error in the place of a file that could not be read.
  const files = new Map(
    Object.entries(parser.$refs.values())
      .filter(([, value]) => isObject(value) && !(value instanceof Error))
      .map(([path, value]) => [addressOf(path), value] as const),
  );
  for (const [address, value] of files) if (!address.endsWith('.json')) resolveMergeKeys(value);
  const root: Node = { value: parser.schema, at: `${pathToFileURL(file).href}#` };
  const version = textIn(objectIn(root.value)['openapi']) ?? '';
  if (!version.startsWith('3.')) throw new Error(`${file} ${whatElse(root.value)}`);
  return { root, version, ...createReferences(files) };
}

/** The parser collects errors in one whose own message only counts them. */
const firstOf = (error: unknown): unknown => (isObject(error) ? listIn(error['errors'])[0] : null) ?? error;

const addressOf = (path: string) => (/^[a-z]{2,}:/i.test(path) ? path : pathToFileURL(path).href);

const whatElse = (value: unknown) =>
  textIn(objectIn(value)['swagger']) === null
    ? 'is no OpenAPI 3 description.'
    : 'is Swagger 2: convert it to OpenAPI 3 first.';

const MERGE_KEY = '<<';

/**
 * Gives every object the fields of those that its merge key names, `<<: *usual`, as YAML 1.1 defines it. Changes the
 * value in place, so that an object which is named several times stays one object.
 *
 * @see https://yaml.org/type/merge.html
 */
function resolveMergeKeys(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const sources = isObject(value) ? value[MERGE_KEY] : undefined;
  if (isObject(sources) || Array.isArray(sources)) {
    Reflect.deleteProperty(value, MERGE_KEY);
    for (const source of isObject(sources) ? [sources] : listIn(sources)) {
      resolveMergeKeys(source, seen);
      addMissingFields(value, source);
    }
  }
  for (const inner of Object.values(value)) resolveMergeKeys(inner, seen);
}

function addMissingFields(object: object, source: unknown): void {
  if (!isObject(source)) return;
  for (const [name, value] of Object.entries(source)) {
    if (Object.hasOwn(object, name)) continue;
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
}
