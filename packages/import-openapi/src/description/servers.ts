import type { Document } from './document.js';
import { listIn, objectIn, textIn } from './json.js';
import type { Operation } from './operations.js';

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

/** Returns the server of most operations: `UPSTREAM_URL` is one address. */
export function commonServer(document: Document, operations: readonly Operation[]): string | null {
  const counts = new Map<string, number>();
  for (const operation of operations) {
    const server = serverOf(document, operation);
    if (server !== null) counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
