/** Words that no constant can have as its name. */
export const RESERVED_WORDS: readonly string[] =
  `arguments async await break case catch class const continue debugger default delete do else enum eval export extends
  false finally for function if implements import in instanceof interface let new null package private protected
  public return static super switch this throw true try typeof undefined var void while with yield`.split(
    /\s+/,
  );

/**
 * Returns the words of a name: `repos/list-forOrg` is `repos`, `list`, `for`, `Org`. Letters of every script stay;
 * Latin ones lose their accents.
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

/** Returns a name in camelCase with ASCII letters only, as the braces of a path need it. */
export function asciiName(name: string): string {
  const known = camelCase(name);
  return /^\w+$/.test(known) ? known : camelCase(known.replace(/\W+/g, ' '));
}

/** Returns whether a name has letters or digits. */
export const hasWords = (name: string) => wordsOf(name).length > 0;

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
