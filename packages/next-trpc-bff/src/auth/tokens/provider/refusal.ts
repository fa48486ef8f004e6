import { challengesIn } from '../../../http/challenges.js';
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
  const named = isRecord(content) && content['error'] ? content['error'] : challenged;
  const line = lineFor(content, named) ?? lineFor(challenged, challenged);
  if (status < 200 || (status >= 300 && status <= 399)) return null;
  if (status <= 299 && !line && !named) return null;
  // A proxy in front says the same of every token.
  const isPassing = status === 408 || status === 429 || status >= 500;
  const unread = isFromElsewhere(status, content) ? 'passing' : 'unknown';
  return {
    meaning: isPassing ? 'passing' : (line?.means ?? unread),
    status,
    error: typeof named === 'string' && isLoggable(named, line) ? named : codeOf(line),
  };
}

/**
 * Parses the body of a provider's answer, which may be JSON or a form whatever its content type says.
 *
 * @returns What it contains; null for anything else, such as HTML, and undefined for nothing
 */
export function contentOf(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (/^[\w.-]+=/.test(trimmed)) return Object.fromEntries(new URLSearchParams(trimmed));
  try {
    return JSON.parse(trimmed);
  } catch {
    return null;
  }
}

/**
 * A server that knows nothing of tokens has answered: where no endpoint is, or with a page for people and 403, as
 * firewalls do and Google's own limit of requests.
 *
 * @see https://github.com/googleapis/google-oauth-java-client/issues/57
 */
const isFromElsewhere = (status: number, content: unknown) =>
  isNoEndpoint(status) ? !isRecord(content) : status === 403 && content === null;

/** Returns whether a status says that there is no endpoint at an address, or none that takes a POST. */
export const isNoEndpoint = (status: number): boolean => status === 404 || status === 405 || status === 410;

/** The first line all of whose values are said: of those with the answer's own code, else of all. */
function lineFor(content: unknown, code: unknown): RefusalLine | undefined {
  const spellings = valuesIn(content).map(normalized);
  const lines = REFUSALS.filter(({ body }) =>
    valuesIn(body).every((value) => isSaid(value, spellings, 'error' in body)),
  );
  const own = typeof code === 'string' ? normalized(code) : null;
  return lines.find(({ body }) => valuesIn(body).some((value) => normalized(value) === own)) ?? lines[0];
}

/** A code is the whole value; beside a code, a text of three words or more may be a part of a longer one. */
function isSaid(value: string, spellings: readonly string[], isBesideCode: boolean): boolean {
  const spelling = normalized(value);
  const isText = value.split(' ').length > 2;
  return spellings.some(
    (other) => other === spelling || (isText && isBesideCode && `_${other}_`.includes(`_${spelling}_`)),
  );
}

/** All texts of an answer, in whatever member, and its numbers with the name of theirs, without which they say nothing. */
function valuesIn(content: unknown, name = '', level = 0): string[] {
  if (typeof content === 'number' || (typeof content === 'string' && /^\d+$/.test(content)))
    return [`${name} ${content}`];
  if (typeof content === 'string') return [content.slice(0, MOST_CHARACTERS)];
  if (!isRecord(content) || level === MOST_LEVELS) return [];
  const members = Object.entries(content).slice(0, MOST_VALUES);
  return members.flatMap(([member, value]) => valuesIn(value, member, level + 1)).slice(0, MOST_VALUES);
}

/** `invalid-grant`, `INVALID_GRANT` and `Invalid grant.` are the same. */
const normalized = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
const errorIn = (challenge: string | null): string | null =>
  challengesIn(challenge ?? '')
    .find(({ params }) => params.has('error'))
    ?.params.get('error') ?? null;

const isLoggable = (code: string, line: RefusalLine | undefined) =>
  LOGGABLE.test(code) ||
  (line !== undefined && valuesIn(line.body).map(normalized).includes(normalized(code)));

/** The table's own word for what was said. */
const codeOf = (line: RefusalLine | undefined) => (line && valuesIn(line.body).at(-1)) ?? null;

/** Returns whether a parsed body has members. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
