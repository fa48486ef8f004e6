import type { Edit, Mutant } from './mutant';

interface Place {
  readonly path: string;
  readonly start: number;
  readonly stop: number;
}

/**
 * Makes the edits of a mutant, one after the other.
 *
 * @param mutant - The mutant
 * @param sources - The texts of the source files by path
 * @returns The texts that changed, by path
 * @throws Error - When the `find` of an edit occurs nowhere or more than once; the message names the mutant and
 *   the places
 */
export function applied(mutant: Mutant, sources: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const edit of mutant.edits) {
    const texts = new Map([...sources, ...changed]);
    const { path, start, stop } = onlyPlaceOf(mutant, edit, texts);
    const text = texts.get(path) ?? '';
    changed.set(path, text.slice(0, start) + edit.replace + text.slice(stop));
  }
  return changed;
}

function onlyPlaceOf({ name }: Mutant, { find }: Edit, texts: ReadonlyMap<string, string>): Place {
  const pattern = patternOf(find);
  const places = [...texts].flatMap(([path, text]) =>
    [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
      path,
      start: index,
      stop: index + found.length,
      line: text.slice(0, index).split('\n').length,
    })),
  );
  const [place] = places;
  if (place && places.length === 1) return place;
  const found = places.map(({ path, line }) => `${path}:${line}`).join(', ') || 'nowhere';
  throw new Error(
    `The mutant ${name} must find its text once in all the source, and finds it ${found}:\n${find}`,
  );
}

/** A formatter breaks lines, indents them, and sets a comma before a bracket that closes on a line of its own. */
function patternOf(find: string): RegExp {
  const tokens = find.match(/[\w$]+|[^\w$\s]/g);
  if (!tokens) throw new TypeError('An edit must find something.');
  const pattern = tokens.map((token) => {
    if (isWord(token)) return `(?<![\\w$])${token.replaceAll('$', '\\$')}(?![\\w$])`;
    return /[)\]}]/.test(token) ? `(?:,\\s*)?\\${token}` : token.replace(/[\\^.*+?({[|/]/, '\\$&');
  });
  return new RegExp(pattern.join('\\s*'), 'g');
}

const isWord = (token: string) => /^[\w$]/.test(token);
