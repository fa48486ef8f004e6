import { pathToFileURL } from 'node:url';
import { $RefParser } from '@apidevtools/json-schema-ref-parser';
import { Unsupported } from '../inexpressible';
import { isObject, listIn, objectIn, textIn } from './json';
import { resolveMergeKeys } from './merge-keys';

/** A place in a description, wherever a `$ref` led. */
export interface Node {
  readonly value: unknown;
  /** File and JSON pointer, e.g. `file:///api.yaml#/components/schemas/Note`: the same for the same place. */
  readonly at: string;
}

/** A description of an API, all of its files read. */
export interface Document {
  readonly root: Node;
  /** As `openapi` says it, e.g. `3.1.0`. */
  readonly version: string;
  /** The place below a node; its value is undefined where there is none. */
  child(node: Node, ...keys: readonly (string | number)[]): Node;
  /** The place a node's `$ref` leads to, through further ones; the node itself when it has none. */
  target(node: Node): Node;
  /** The place a reference leads to. */
  refer(from: Node, reference: string): Node;
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
  // What else could not be read concerns only the operations that refer to it.
  await parser.resolve(file, { continueOnError: true, resolve: { http: false } }).catch((error: unknown) => {
    if (!isObject(parser.schema)) throw firstOf(error);
  });
  // What could not be read is there as an error.
  const files = new Map(
    Object.entries(parser.$refs.values())
      .filter(([, value]) => isObject(value) && !(value instanceof Error))
      .map(([path, value]) => [addressOf(path), value] as const),
  );
  for (const [address, value] of files) if (!address.endsWith('.json')) resolveMergeKeys(value);
  const root: Node = { value: parser.schema, at: `${pathToFileURL(file).href}#` };
  const version = textIn(objectIn(root.value)['openapi']) ?? '';
  if (!version.startsWith('3.')) throw new Error(`${file} ${whatElse(root.value)}`);

  const child: Document['child'] = (node, ...keys) =>
    keys.reduce<Node>(
      ({ value, at }, key) => ({ value: valueAt(value, String(key)), at: `${at}/${escaped(String(key))}` }),
      node,
    );

  function refer(from: Node, reference: string, trail: readonly string[] = []): Node {
    if (!URL.canParse(reference, from.at))
      throw new Unsupported(`it refers to ${reference}, which is no address`);
    const url = new URL(reference, from.at);
    const [address = '', pointer = ''] = url.href.split('#');
    if (files.get(address) === undefined)
      throw new Unsupported(`it refers to ${reference}, ${whyUnread(url)}`);
    if (pointer !== '' && !pointer.startsWith('/'))
      throw new Unsupported(`it refers to the anchor ${reference}; only paths are understood`);
    let node: Node = { value: files.get(address), at: `${address}#` };
    for (const token of pointer.split('/').slice(1)) node = child(target(node, trail), unescaped(token));
    if (node.value === undefined) throw new Unsupported(`it refers to ${reference}, which does not exist`);
    return node;
  }

  function target(node: Node, trail: readonly string[] = []): Node {
    const reference = objectIn(node.value)['$ref'];
    if (typeof reference !== 'string') return node;
    if (trail.includes(node.at)) throw new Unsupported(`the reference ${reference} leads back to itself`);
    const longer = [...trail, node.at];
    return target(refer(node, reference, longer), longer);
  }

  return { root, version, child, target: (node) => target(node), refer: (from, to) => refer(from, to) };
}

/** The parser collects what went wrong, and says how much that was. */
const firstOf = (error: unknown): unknown => (isObject(error) ? listIn(error['errors'])[0] : null) ?? error;

const addressOf = (path: string) => (/^[a-z]{2,}:/i.test(path) ? path : pathToFileURL(path).href);

const valueAt = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;

const escaped = (key: string) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));

/** Returns what a step of a JSON pointer stands for. A percent sign that escapes nothing is itself. */
export function unescaped(step: string): string {
  return percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function percentDecoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

const whyUnread = (url: URL) =>
  url.protocol === 'file:' ? 'which cannot be read' : 'which is not fetched: bundle the description first';

const whatElse = (value: unknown) =>
  textIn(objectIn(value)['swagger']) === null
    ? 'is no OpenAPI 3 description.'
    : 'is Swagger 2: convert it to OpenAPI 3 first.';
