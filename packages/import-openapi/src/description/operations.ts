import type { Document } from './document.js';
import { isObject, objectIn, textIn, wordsIn } from './json.js';
import type { Node } from './references.js';
import { Unsupported } from './unsupported.js';

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'query'] as const;

/** One method of one path. */
export interface Operation {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly node: Node;
  /** The nodes of the path itself, which hold for all of its methods; the target of its `$ref` first. */
  readonly items: readonly Node[];
  readonly id: string | null;
  readonly tags: readonly string[];
  /** Its summary, or the first sentence of its description. */
  readonly summary: string | null;
  readonly isDeprecated: boolean;
}

/** Returns the name of an operation in messages: `GET /notes/{id}`. */
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

/** A path may have operations of its own beside its `$ref`. */
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
  const stated = objectIn(node.value);
  return {
    method: method.toUpperCase(),
    path,
    node,
    items,
    id: textIn(stated['operationId']),
    tags: wordsIn(stated['tags']),
    summary:
      textIn(stated['summary']) ?? textIn(stated['description'])?.split(/(?<=[.!?])\s|\n\s*\n/)[0] ?? null,
    isDeprecated: stated['deprecated'] === true,
  };
}

/** Returns who may call an operation, null where the description does not say so expressly. */
export function accessTo(document: Document, { node }: Operation): 'public' | 'optional' | null {
  const stated = objectIn(node.value)['security'] ?? objectIn(document.root.value)['security'];
  if (!Array.isArray(stated)) return null;
  if (stated.length === 0) return 'public';
  return stated.some((scheme) => isObject(scheme) && Object.keys(scheme).length === 0) ? 'optional' : null;
}
