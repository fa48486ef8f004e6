import { type KnownMeaning, REFUSALS, type RefusalLine } from './refusal-table.js';

/** How the identity provider refused a request. Holds nothing of its answer but status and code. */
export interface Refusal {
  /** `unknown` when no line of the table fits. */
  readonly meaning: KnownMeaning | 'unknown';
  readonly status: number;
  /** The error code, e.g. `invalid_grant`; null when the answer has none that may be logged. */
  readonly error: string | null;
}

/** What may be logged of a code that is not in the table: a token or a sentence has another shape. */
const LOGGABLE = /^[a-z]{1,24}(?:[_-][a-z]{1,24}){0,4}$/;

/** How deep and how far an answer is looked through. */
const MOST_LEVELS = 4;
const MOST_VALUES = 100;
const MOST_CHARACTERS = 1_000;

/**
 * Returns how an answer refuses, by the table of {@link REFUSALS}.
 *
 * @param status - HTTP status
 * @param content - The parsed body, see {@link contentOf}
 * @param challenge - The `WWW-Authenticate` header, which counts where the body says nothing that is known
 * @returns The refusal; null when the answer is none: a redirection, or one with a 2xx status that names no error
 */
export function refusalOf(status: number, content: unknown, challenge: string | null): Refusal | null {
  const challenged = errorIn(challenge);
  const line = lineFor(valuesIn(content)) ?? lineFor(valuesIn(challenged));
  const named = isRecord(content) && content['error'] ? content['error'] : challenged;
  if (status < 200 || (status >= 300 && status <= 399)) return null;
  if (status <= 299 && !line && !named) return null;
  // A proxy in front says the same of every token.
  const isPassing = status === 408 || status === 429 || status >= 500;
  return {
    meaning: isPassing ? 'passing' : (line?.means ?? 'unknown'),
    status,
    error: typeof named === 'string' && isLoggable(named, line) ? named : codeOf(line),
  };
}

/**
 * Parses the body of a provider's answer, which may be JSON or a form whatever its content type says.
 *
 * @returns What it contains, or null for anything else, such as HTML
 */
export function contentOf(text: string): unknown {
  const trimmed = text.trim();
  if (/^[\w.-]+=/.test(trimmed)) return Object.fromEntries(new URLSearchParams(trimmed));
  try {
    return JSON.parse(trimmed);
  } catch {
    return null;
  }
}

/** The first line all of whose values are said. */
const lineFor = (said: readonly string[]): RefusalLine | undefined => {
  const spellings = said.map(normalized);
  return REFUSALS.find(({ body }) => valuesIn(body).every((value) => isSaid(value, spellings)));
};

/** A code is the whole value; a text of three words or more may be a part of a longer one. */
function isSaid(value: string, spellings: readonly string[]): boolean {
  const spelling = normalized(value);
  const isText = value.split(' ').length > 2;
  return spellings.some((other) => other === spelling || (isText && `_${other}_`.includes(`_${spelling}_`)));
}

/** All texts and numbers of an answer, in whatever member. */
function valuesIn(content: unknown, level = 0): string[] {
  if (typeof content === 'string') return [content.slice(0, MOST_CHARACTERS)];
  if (typeof content === 'number') return [String(content)];
  if (!isRecord(content) || level === MOST_LEVELS) return [];
  const members = Object.values(content).slice(0, MOST_VALUES);
  return members.flatMap((member) => valuesIn(member, level + 1)).slice(0, MOST_VALUES);
}

/** `invalid-grant`, `INVALID_GRANT` and `Invalid grant.` are the same. */
const normalized = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
const errorIn = (challenge: string | null): string | null =>
  /(?:^|[\s,])error\s*=\s*"?([^",\s]+)/i.exec(challenge ?? '')?.[1] ?? null;

const isLoggable = (code: string, line: RefusalLine | undefined) =>
  LOGGABLE.test(code) ||
  (line !== undefined && valuesIn(line.body).map(normalized).includes(normalized(code)));

/** The table's own word for what was said. */
const codeOf = (line: RefusalLine | undefined) => (line && valuesIn(line.body).at(-1)) ?? null;

/** Returns whether a parsed body has members. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
