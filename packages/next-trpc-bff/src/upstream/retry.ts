import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { limits } from '../runtime/limits.js';
import { CONNECTION_CODES, codeOf } from './errors.js';
import type { Deadline } from './deadline.js';
import { waitOf } from './retry-after.js';
import { type UpstreamResponse, type Method, type WireRequest, send } from './transport.js';

/** Statuses that pass. */
const PASSING_STATUSES: readonly number[] = [502, 503, 504];

/** Returns whether a method changes nothing, so that a call may be sent again, or once for several. */
export const isSafe = (method: Method): boolean => method === 'GET' || method === 'HEAD';

/**
 * Sends a request; a GET or HEAD again when the connection failed, at 502, 503 and 504, and at a 429 that says when.
 * All of it takes no longer than the request's `timeoutMs`.
 *
 * @param call - Method and path template, for error messages
 * @param deadline - Of the caller; its time begins now
 * @param retries - How often a GET or HEAD may be sent again; any other method never is, nor a stream
 * @returns The last answer, whatever its status
 * @throws what {@link send} threw last, and the reason of `patience`
 */
export async function sendWithRetry(
  call: string,
  wireRequest: WireRequest,
  deadline: Deadline,
  retries: number,
): Promise<UpstreamResponse> {
  const { method, body, timeoutMs } = wireRequest;
  const limit = isSafe(method) && !(body instanceof Readable) ? retries : 0;
  const endsAt = performance.now() + timeoutMs;
  deadline.start(timeoutMs);
  for (let repeats = 0; ; repeats += 1) {
    const pauseIf = (pauseMs: number | null) =>
      repeats < limit && pauseMs !== null && performance.now() + pauseMs < endsAt ? pauseMs : null;
    let pauseMs: number | null;
    try {
      const answer = await send(call, wireRequest, deadline);
      pauseMs = pauseIf(pauseAfter(answer, repeats));
      if (pauseMs === null) return answer;
    } catch (cause) {
      pauseMs = pauseIf(CONNECTION_CODES.has(codeOf(cause)) ? backoffMs(repeats) : null);
      if (pauseMs === null) throw cause;
    }
    await deadline.race(pause(pauseMs));
  }
}

/** How long to wait before the same is asked again, ms; null when it is not. */
function pauseAfter({ status, retryAfter }: UpstreamResponse, repeats: number): number | null {
  if (!PASSING_STATUSES.includes(status) && status !== 429) return null;
  if (retryAfter === null) return status === 429 ? null : backoffMs(repeats);
  const saidMs = waitOf(retryAfter);
  return saidMs > limits().retryAfterMs ? null : saidMs + backoffMs(repeats);
}

/** Apart from each other, so that those who failed together do not come again together. */
const backoffMs = (repeats: number) => limits().retryPauseMs * 2 ** repeats * (0.5 + Math.random());
