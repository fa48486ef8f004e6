/** Steps that a match may take at worst; a request's text has at most a million characters. */
const MOST_STEPS = 10_000_000;
const LONGEST_TEXT = 1_000_000;

/**
 * Returns a pattern as the source code of a regular expression, or null where it is better left to the API.
 * It will run on whatever users send: so it is anchored, has no groups and no alternatives, and its repetitions
 * cannot multiply to more than {@link MOST_STEPS}.
 */
export function cheapPattern(pattern: string): string | null {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (!bare.startsWith('^') || /[(|]/.test(bare)) return null;
  const repetitions = [...bare.matchAll(/[*+?]|\{(\d+)(,?)(\d*)\}/g)];
  const steps = repetitions.reduce((product, [sign, least, comma, most]) => {
    if (sign === '?') return product * 2;
    if (sign.startsWith('{') && (!comma || most))
      return product * (1 + Number(most || least) - Number(least));
    return product * LONGEST_TEXT;
  }, 1);
  return steps <= MOST_STEPS ? sourceOf(pattern) : null;
}

function sourceOf(pattern: string): string | null {
  for (const flags of ['u', '']) {
    try {
      return `/${new RegExp(pattern, flags).source}/${flags}`;
    } catch {
      // Not every pattern is one of JavaScript's, and some are only without the flag.
    }
  }
  return null;
}
