import { backoffMs } from '../runtime/backoff.js';
import { limits } from '../runtime/limits.js';
import { CONNECTION_CODES, codeOf } from './errors.js';
import type { UpstreamResponse } from './request.js';

/** Statuses of temporary failures. */
const PASSING_STATUSES: readonly number[] = [502, 503, 504];

const NEVER = Number.POSITIVE_INFINITY;

const SECONDS = /^\d{1,9}$/;
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Returns a `Retry-After` header as the upstream sent it, or null when it is neither seconds nor a date: any other text
 * from the upstream must not reach clients.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export const retryAfterIn = (header: string): string | null =>
  SECONDS.test(header) || (DATE.test(header) && !Number.isNaN(Date.parse(header))) ? header : null;

/**
 * Returns how long to wait before a failed call is retried, ms. Retries 502, 503 and 504, and a 429 with `Retry-After`.
 *
 * @param failed - The answer
 * @param repeats - How often the call was retried before
 * @returns Infinity for no retry: the call would fail again, or `Retry-After` is above the limit
 */
export function pauseAfterAnswer({ status, retryAfter }: UpstreamResponse, repeats: number): number {
  if (!PASSING_STATUSES.includes(status) && status !== 429) return NEVER;
  if (retryAfter === null) return status === 429 ? NEVER : pauseMs(repeats);
  const saidMs = SECONDS.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : Math.max(Date.parse(retryAfter) - Date.now(), 0);
  return saidMs > limits().retryAfterMs ? NEVER : saidMs + pauseMs(repeats);
}

/** Returns the same for a call without an answer. Only connection errors are retried. */
export const pauseAfterFault = (cause: unknown, repeats: number): number =>
  CONNECTION_CODES.has(codeOf(cause)) ? pauseMs(repeats) : NEVER;

const pauseMs = (repeats: number) =>
  backoffMs({ firstMs: limits().retryPauseMs, longestMs: NEVER, jitter: [0.5, 1.5] }, repeats);
