import { Unsupported } from '../inexpressible';
import type { Document, Node } from './document';
import { isObject, listIn, objectIn, textIn, wordsIn } from './json';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'query'] as const;

/** One method of one path, as the description has it. */
export interface Operation {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly node: Node;
  /** The path's own nodes: what holds for all of its methods, that of a `$ref` first. */
  readonly items: readonly Node[];
  readonly id: string | null;
  readonly tags: readonly string[];
  /** What it does, in a sentence or two. */
  readonly summary: string | null;
  readonly isDeprecated: boolean;
}

/** Returns how an operation is called in messages: `GET /notes/{id}`. */
export const labelOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) => `${method} ${path}`;

/** An operation, or why there is none. */
export type Found =
  | { readonly operation: Operation }
  | { readonly method: string; readonly path: string; readonly reason: string };

/** Lists the operations of a description, in its order. */
export function operationsIn(document: Document): Found[] {
  const paths = document.child(document.root, 'paths');
  return Object.keys(objectIn(paths.value)).flatMap((path) =>
    operationsAt(document, path, document.child(paths, path)),
  );
}

/** A path may refer to what it is, and have operations of its own beside that. */
function operationsAt(document: Document, path: string, own: Node): Found[] {
  const found: Found[] = [];
  const items = [own];
  const parse = (label: string, read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      found.push({ method: label, path, reason: error.message });
    }
  };
  parse('Everything below', () => {
    const target = document.target(own);
    if (target !== own) items.unshift(target);
  });
  for (const method of METHODS) {
    const item = items.findLast(({ value }) => isObject(objectIn(value)[method]));
    if (item)
      parse(method.toUpperCase(), () =>
        found.push({ operation: operationAt(document, path, method, item, items) }),
      );
  }
  return found;
}

function operationAt(
  document: Document,
  path: string,
  method: string,
  item: Node,
  items: readonly Node[],
): Operation {
  const node = document.target(document.child(item, method));
  const says = objectIn(node.value);
  return {
    method: method.toUpperCase(),
    path,
    node,
    items,
    id: textIn(says['operationId']),
    tags: wordsIn(says['tags']),
    summary: textIn(says['summary']) ?? textIn(says['description'])?.split(/(?<=[.!?])\s|\n\s*\n/)[0] ?? null,
    isDeprecated: says['deprecated'] === true,
  };
}

/** Returns who may call an operation, as far as the description says so expressly; null where it does not. */
export function accessTo(document: Document, { node }: Operation): 'public' | 'optional' | null {
  const stated = objectIn(node.value)['security'] ?? objectIn(document.root.value)['security'];
  if (!Array.isArray(stated)) return null;
  if (stated.length === 0) return 'public';
  return stated.some((scheme) => isObject(scheme) && Object.keys(scheme).length === 0) ? 'optional' : null;
}

/** Returns the address of the server that serves an operation, null where the description names none. */
export function serverOf(document: Document, { node, items }: Operation): string | null {
  for (const { value } of [node, ...items.toReversed(), document.root]) {
    const [first] = listIn(objectIn(value)['servers']);
    if (first !== undefined) return addressOf(first);
  }
  return null;
}

/** Variables in an address have defaults. */
function addressOf(server: unknown): string | null {
  const { url, variables } = objectIn(server);
  return (
    textIn(url)?.replace(/\{([^{}]+)\}/g, (braces, name: string) => {
      const { default: defaults } = objectIn(objectIn(variables)[name]);
      return textIn(defaults) ?? braces;
    }) ?? null
  );
}
