/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case: `bearer`. */
  readonly scheme: string;
  /** Names in lower case; of a name given twice the first counts. */
  readonly params: ReadonlyMap<string, string>;
}

/** Longest header that is read, characters. */
const LONGEST = 8_192;

const TOKEN = /[\w!#$%&'*+.^`|~-]+/.source;
const QUOTED = /"((?:[^"\\]|\\.)*)"/.source;
const END = /(?=[\s,]|$)/.source;

/** One piece of a header: a parameter, a scheme, what separates them, or credentials after a scheme. */
const PIECES = new RegExp(
  [
    `(${TOKEN})\\s*=\\s*(?:${QUOTED}|([^\\s,"]+))${END}`,
    `(${TOKEN})${END}`,
    /[\s,]+/.source,
    /[\w.~+/-]+=*/.source + END,
  ].join('|'),
  'gy',
);

/**
 * Reads the challenges of a `WWW-Authenticate` header.
 *
 * @param header - Its value; of several headers their values, separated by commas
 * @returns The challenges in their order, as far as the header is well-formed
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function challengesIn(header: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  if (header.length > LONGEST) return challenges;
  for (const [, name, quoted, token, scheme] of header.matchAll(PIECES)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
    const params = challenges.at(-1)?.params;
    const key = name?.toLowerCase();
    if (key === undefined || params === undefined || params.has(key)) continue;
    params.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
  }
  return challenges;
}
