import { camelCase, kebabCase, uniqueNames } from '../description/names.js';

/** Names that tRPC or the runtime reads on a router: https://trpc.io/docs/server/routers */
const TAKEN_IN_ROUTERS: readonly string[] = ['then', 'call', 'apply', 'constructor', '__proto__'];

/** Names beside the routers at the top: those of the hooks, and `caller.raw`. */
const TAKEN_AT_TOP: readonly string[] = [
  ...TAKEN_IN_ROUTERS,
  ...['createClient', 'Provider', 'queryClient', 'raw', 'useContext', 'useQueries', 'useSuspenseQueries'],
  'useUtils',
];

/** Returns the name of a tag's router, the same however its words are separated: `User API` and `user-api`. */
export const routerName = (tag: string) => camelCase(kebabCase(tag));

/** Returns the key of a router in the map. */
export const routerKey = (tag: string) => avoiding(TAKEN_AT_TOP, routerName(tag));

const avoiding = (taken: readonly string[], name: string) => (taken.includes(name) ? `${name}_` : name);

/** The part of an operation that names its endpoint. */
interface Unnamed {
  readonly id: string | null;
  readonly method: string;
  readonly path: string;
}

/**
 * Names the endpoints of a router by their operation ids, or by method and path. A beginning that only repeats the
 * router's name is left out (`repos/list-for-org` in `repos` is `listForOrg`), unless two would then share a name.
 *
 * @returns A name for each, in their order
 */
export function endpointNames(router: string, operations: readonly Unnamed[]): string[] {
  const full = operations.map(({ id, method, path }) => camelCase(id ?? `${method.toLowerCase()} ${path}`));
  const short = operations.map(({ id }, n) => withoutRouter(router, id) ?? full[n] ?? '');
  const isTwice = (name: string) => short.filter((other) => other === name).length > 1;
  const unique = uniqueNames();
  return short.map((name, n) => unique(avoiding(TAKEN_IN_ROUTERS, isTwice(name) ? (full[n] ?? name) : name)));
}

/** A beginning must end at a separator: `notesApi` in `notes` keeps its whole name. */
function withoutRouter(router: string, id: string | null): string | null {
  const parts = id?.split(/[/._:-]+/) ?? [];
  for (let n = parts.length - 1; n > 0; n -= 1) {
    if (routerName(parts.slice(0, n).join(' ')) === router) return camelCase(parts.slice(n).join(' '));
  }
  return null;
}
