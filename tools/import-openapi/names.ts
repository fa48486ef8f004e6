/** What tRPC calls by itself on a router: https://trpc.io/docs/server/routers */
const TAKEN_IN_ROUTERS: readonly string[] = ['then', 'call', 'apply', 'constructor', '__proto__'];

/** What stands beside the routers at the top: the hooks' own names, and `caller.raw`. */
const TAKEN_AT_TOP: readonly string[] = [
  ...TAKEN_IN_ROUTERS,
  ...['createClient', 'Provider', 'queryClient', 'raw', 'useContext', 'useQueries', 'useSuspenseQueries'],
  'useUtils',
];

/** Words that cannot be the name of a constant. */
export const RESERVED_WORDS: readonly string[] =
  `arguments async await break case catch class const continue debugger default delete do else enum eval export extends
  false finally for function if implements import in instanceof interface let new null package private protected
  public return static super switch this throw true try typeof undefined var void while with yield`.split(
    /\s+/,
  );

/**
 * Returns the words of a name: `repos/list-forOrg` is `repos`, `list`, `for`, `Org`. Letters of every script are kept,
 * but for the accents of Latin ones.
 */
const wordsOf = (name: string) =>
  name
    .normalize('NFKD')
    .replace(/(?<=\p{Script=Latin})\p{M}+|['’]/gu, '')
    .normalize('NFKC')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[\P{ID_Continue}\p{Pc}]+/u)
    .filter((word) => word !== '');

/** Returns a name in camelCase, a valid identifier: `repos/list-for-org` is `reposListForOrg`. */
export function camelCase(name: string): string {
  const [first = 'unnamed', ...rest] = wordsOf(name);
  const joined = first.toLowerCase() + rest.map(capitalised).join('');
  return /^\p{ID_Start}/u.test(joined) ? joined : `n${joined}`;
}

/** Returns a name in PascalCase. */
export const pascalCase = (name: string) => capitalised(camelCase(name));

/** Returns a name in kebab-case, for files. */
export const kebabCase = (name: string) => wordsOf(name).join('-').toLowerCase() || 'unnamed';

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** Returns a name in camelCase without letters that cannot stand in the braces of a path. */
export function asciiName(name: string): string {
  const known = camelCase(name);
  return /^\w+$/.test(known) ? known : camelCase(known.replace(/\W+/g, ' '));
}

/** Returns whether there is a letter or digit in a name. */
export const isSpeaking = (name: string) => wordsOf(name).length > 0;

/** Returns the one name that a tag has as a router, however its words are parted: `User API` and `user-api`. */
export const routerName = (tag: string) => camelCase(kebabCase(tag));

/** Returns the key of a router in the map. */
export const routerKey = (tag: string) => avoiding(TAKEN_AT_TOP, routerName(tag));

const avoiding = (taken: readonly string[], name: string) => (taken.includes(name) ? `${name}_` : name);

/** Hands out names, each once: the second `pet` is `pet2`. */
export function uniqueNames(taken: readonly string[] = []): (wanted: string) => string {
  const used = new Set(taken);
  return (wanted) => {
    let name = wanted;
    for (let n = 2; used.has(name); n += 1) name = `${wanted}${n}`;
    used.add(name);
    return name;
  };
}

/** What names an endpoint. */
interface Named {
  readonly id: string | null;
  readonly method: string;
  readonly path: string;
}

/**
 * Names the endpoints of a router by their operation ids, or by method and path. A beginning that only repeats the
 * router's name is left out (`repos/list-for-org` in `repos` is `listForOrg`), unless two would then be called the same.
 *
 * @returns A name for each, in their order
 */
export function endpointNames(router: string, operations: readonly Named[]): string[] {
  const full = operations.map(({ id, method, path }) => camelCase(id ?? `${method.toLowerCase()} ${path}`));
  const short = operations.map(({ id }, n) => withoutRouter(router, id) ?? full[n] ?? '');
  const isTwice = (name: string) => short.filter((other) => other === name).length > 1;
  const unique = uniqueNames();
  return short.map((name, n) => unique(avoiding(TAKEN_IN_ROUTERS, isTwice(name) ? (full[n] ?? name) : name)));
}

/** Only a separator shows that a beginning is a name by itself: `notesApi` in `notes` keeps its whole name. */
function withoutRouter(router: string, id: string | null): string | null {
  const parts = id?.split(/[/._:-]+/) ?? [];
  for (let n = parts.length - 1; n > 0; n -= 1) {
    if (routerName(parts.slice(0, n).join(' ')) === router) return camelCase(parts.slice(n).join(' '));
  }
  return null;
}
