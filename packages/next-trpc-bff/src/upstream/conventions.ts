import type { IncomingHttpHeaders } from 'node:http';
import { stepUpIn } from '../http/step-up.js';
import { option } from '../runtime/process.js';

/** The part of an API's answer that says what the API thinks of the access token. */
export interface ApiResponse {
  /** HTTP status. */
  readonly status: number;
  /** Headers by name in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The parsed JSON of the body; undefined if there was none, and for a stream. */
  readonly payload: unknown;
}

/**
 * What an answer says of the access token. `unauthenticated`: it is not accepted, so it is renewed once and the call
 * repeated; if that is rejected too, the session ends. `forbidden`: it is accepted, but not enough for this call, which
 * fails with FORBIDDEN; the session is kept. `accepted`: everything else, including failures of the API.
 */
export type Verdict = 'accepted' | 'unauthenticated' | 'forbidden';

/** Conventions in which APIs differ. `payload` is the parsed JSON of an answer, or undefined if there was none. */
export interface Conventions {
  /** Returns what an answer says of the access token; see {@link verdictOf}. */
  readonly verdict: (response: ApiResponse) => Verdict;
  /** Returns the content of a successful answer; see {@link unwrap}. */
  readonly unwrap: (payload: unknown) => unknown;
  /** Returns the field errors of a 400 or 422 answer; see {@link fieldErrorsIn}. */
  readonly fieldErrors: (payload: unknown) => Record<string, string[]> | null;
}

const UNAUTHENTICATED_STATUSES: readonly number[] = [401, 419];

/** Messages with which some APIs say "unauthenticated" under another status (200 or 403). */
const UNAUTHENTICATED_MESSAGES: readonly string[] = ['Unauthenticated.'];

/** Keys of an envelope; any other key means that the body is a resource. */
const ENVELOPE_KEYS: readonly string[] = ['message', 'data', 'status', 'code', 'success', 'error', 'errors'];

/**
 * Returns what an answer says of the access token. `forbidden` is a 403, or a 401 that asks for a stronger sign-in or
 * more scope; `unauthenticated` is any other 401, a 419, and some messages with 200 or 403.
 *
 * @param response - Its payload is the whole parsed body: a message inside a resource does not count
 * @see https://www.rfc-editor.org/rfc/rfc9470#section-3
 */
export function verdictOf({ status, headers, payload }: ApiResponse): Verdict {
  if (status === 401 && stepUpIn(headers)) return 'forbidden';
  if (UNAUTHENTICATED_STATUSES.includes(status) || saysUnauthenticated(status, payload))
    return 'unauthenticated';
  return status === 403 ? 'forbidden' : 'accepted';
}

function saysUnauthenticated(status: number, payload: unknown): boolean {
  if (status !== 200 && status !== 403) return false;
  if (!isObject(payload) || (payload['data'] ?? null) !== null) return false;
  if (!Object.keys(payload).every((key) => ENVELOPE_KEYS.includes(key))) return false;
  return UNAUTHENTICATED_MESSAGES.some((message) => message === payload['message']);
}

/**
 * Returns the content of a successful answer. The default unwraps the envelope `{ data, message }` and returns any
 * other body unchanged.
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
 * Returns the field errors of a 400 or 422 answer, for forms. The default reads `{ errors: { title: ['…'] } }`.
 *
 * @returns Messages by field name, or null when the answer has none
 */
export function fieldErrorsIn(payload: unknown): Record<string, string[]> | null {
  if (!isObject(payload) || !isObject(payload['errors'])) return null;
  const messages = (value: unknown) => [value].flat().filter((message) => typeof message === 'string');
  const fields = Object.entries(payload['errors']).map(([field, value]) => [field, messages(value)] as const);
  return Object.fromEntries(fields.filter(([, found]) => found.length > 0));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The conventions that apply unless `configureBff({ conventions })` sets others. */
export const DEFAULT_CONVENTIONS: Conventions = { verdict: verdictOf, unwrap, fieldErrors: fieldErrorsIn };

/** The conventions in force. */
export const conventions = option('conventions', DEFAULT_CONVENTIONS);
