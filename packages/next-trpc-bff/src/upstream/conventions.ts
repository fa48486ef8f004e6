import { option } from '../runtime/process.js';

/** How your API talks, as far as APIs differ. `payload` is the parsed JSON of an answer, or undefined where there was none. */
export interface Conventions {
  /** Whether an answer means that the API does not accept the access token; see {@link isUnauthenticated}. */
  readonly isUnauthenticated: (status: number, payload: unknown) => boolean;
  /** What a successful answer carries; see {@link unwrap}. */
  readonly unwrap: (payload: unknown) => unknown;
  /** The errors of single fields in a 400 or 422 answer; see {@link fieldErrorsIn}. */
  readonly fieldErrors: (payload: unknown) => Record<string, string[]> | null;
}

const UNAUTHENTICATED_STATUSES: readonly number[] = [401, 419];

/** Messages by which some APIs say "unauthenticated" with another status (200 or 403). */
const UNAUTHENTICATED_MESSAGES: readonly string[] = ['Unauthenticated.'];

/** What an answer about an answer consists of; a resource has names of its own. */
const ENVELOPE_KEYS: readonly string[] = ['message', 'data', 'status', 'code', 'success', 'error', 'errors'];

/**
 * Returns whether an answer means that the API does not accept the access token. Then it is renewed, once,
 * and the call repeated; if that does not help, the session ends.
 *
 * @param status - HTTP status
 * @param payload - The whole parsed body: a message inside a resource must not count
 */
export function isUnauthenticated(status: number, payload: unknown): boolean {
  if (UNAUTHENTICATED_STATUSES.includes(status)) return true;
  if (status !== 200 && status !== 403) return false;
  if (!isObject(payload) || (payload['data'] ?? null) !== null) return false;
  if (!Object.keys(payload).every((key) => ENVELOPE_KEYS.includes(key))) return false;
  return UNAUTHENTICATED_MESSAGES.some((message) => message === payload['message']);
}

/**
 * Returns what a successful answer carries. The default opens the envelope `{ data, message }` and takes any other
 * body as it is.
 */
export function unwrap(payload: unknown): unknown {
  const isEnvelope =
    isObject(payload) &&
    Object.keys(payload).length === 2 &&
    'data' in payload &&
    typeof payload['message'] === 'string';
  return isEnvelope ? payload['data'] : payload;
}

/**
 * Returns the errors of single fields in a 400 or 422 answer, for forms.
 *
 * @returns Messages by field name, or null when the answer has none: understands `{ errors: { title: ['…'] } }`
 */
export function fieldErrorsIn(payload: unknown): Record<string, string[]> | null {
  if (!isObject(payload) || !isObject(payload['errors'])) return null;
  const messages = (value: unknown) => [value].flat().filter((message) => typeof message === 'string');
  const fields = Object.entries(payload['errors']).map(([field, value]) => [field, messages(value)] as const);
  return Object.fromEntries(fields.filter(([, found]) => found.length > 0));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What holds where `configureBff({ conventions })` says nothing. */
export const DEFAULT_CONVENTIONS: Conventions = { isUnauthenticated, unwrap, fieldErrors: fieldErrorsIn };

/** The conventions in force. */
export const conventions = option('conventions', DEFAULT_CONVENTIONS);
