import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TRPCError } from '@trpc/server';
import { WIRE_LIMITS } from '../../http/wire.js';
import { backoffMs } from '../../runtime/backoff.js';
import { describeError, log } from '../../runtime/process.js';
import { errorOfTransport, UpstreamError } from '../errors.js';
import { assertEvents, eventsIn, type OpenStream } from './stream.js';

/** How often a broken connection is retried, with backoff, before its subscribers get the error. */
const RECONNECTS = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const SHORTEST_PAUSE_MS = 100;

/** A connection that lasted this long, ms, resets the count of failures. */
const STEADY_MS = 15_000;

/** The shortest and the longest time before a connection is reopened with a newer token, ms. */
const SHORTEST_LIFE_MS = 5_000;
const LONGEST_LIFE_MS = 24 * 60 * 60 * 1_000;

/** Codes of failures that are retried. */
const PASSING: readonly TRPCError['code'][] = [
  'BAD_GATEWAY',
  'SERVICE_UNAVAILABLE',
  'GATEWAY_TIMEOUT',
  'TOO_MANY_REQUESTS',
];

/** One event of an upstream. */
export interface UpstreamEvent {
  /** Its id, or one of ours when the upstream sends none that a subscriber can send back. */
  readonly id: string;
  /** Its name, `message` by default. */
  readonly name: string;
  readonly data: string;
}

/** Opens a stream of events. */
export interface EventSource {
  /** Method and path template, for error messages. */
  readonly call: string;
  /** Sends the request; with an id, the stream resumes after that event. */
  open(lastEventId: string | null, signal: AbortSignal): Promise<OpenStream>;
  /** When the token that was sent is due for renewal, ms since the epoch; null for never. */
  dueAt(): number | null;
}

/** Returns whether a subscriber can send an id back, in a URL and in a header. */
export const isReturnable = (id: string): boolean =>
  !/\p{Cc}/u.test(id) && encodeURIComponent(id.toWellFormed()).length <= WIRE_LIMITS.eventIdLength;

/** Our own ids: stream, number of the event, and the last id that the upstream sent before it, if any. */
const OURS = /^~[\da-f-]{36}\.\d+(?:\.(.+))?$/s;

/** Returns whether an id is one of ours. */
export const isOurId = (id: string): boolean => OURS.test(id);

/** Returns the upstream's id for an id of either kind: the one that the upstream can resume after, or null. */
export function upstreamIdOf(id: string): string | null {
  const ours = OURS.exec(id);
  return ours ? (ours[1] ?? null) : id;
}

class TokenIsDue extends Error {}

/**
 * Reads events until it is aborted. Resumes after the last event when the connection breaks, and reconnects with a
 * newer token when the one that was sent is due for renewal.
 *
 * @param source - Opens the stream
 * @param lastEventId - The event to resume after, or null to start now
 * @param signal - Ends it
 * @returns The events, until the upstream answers that there will be no more (204)
 * @throws {UpstreamError} when the stream does not open, is refused, or keeps breaking off; and what opening throws
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header
 */
export async function* follow(
  source: EventSource,
  lastEventId: string | null,
  signal: AbortSignal,
): AsyncGenerator<UpstreamEvent> {
  const stream = `~${randomUUID()}`;
  let last = lastEventId === null ? null : upstreamIdOf(lastEventId);
  let [count, failures, pauseMs, hasOpened] = [0, 0, FIRST_PAUSE_MS, false];
  while (!signal.aborted) {
    const began = Date.now();
    let fault: TRPCError;
    try {
      const answer = await source.open(last, signal);
      // A body that is destroyed before its end emits an error, which would crash the process without a listener.
      answer.body.on('error', () => {});
      if (answer.status === 204) {
        answer.body.destroy();
        return;
      }
      assertEvents(source.call, answer);
      hasOpened = true;
      for await (const { id, event: name = 'message', data } of eventsIn(
        source.call,
        withEnd(answer, source.dueAt()),
        (ms) => {
          pauseMs = Math.max(ms, SHORTEST_PAUSE_MS);
        },
      )) {
        failures = 0;
        count += 1;
        const isTheirs = id !== undefined && id !== '' && isReturnable(id);
        if (isTheirs || id === '') last = id || null;
        const ours = [stream, count, ...(last === null ? [] : [last])].join('.');
        yield { id: isTheirs ? id : isReturnable(ours) ? ours : (last ?? ours), name, data };
      }
      fault = new UpstreamError('BAD_GATEWAY', source.call, 'ended its events');
    } catch (cause) {
      if (signal.aborted) return;
      if (cause instanceof TokenIsDue) continue;
      fault = cause instanceof TRPCError ? cause : errorOfTransport(source.call, cause, signal);
    }
    failures = Date.now() - began > STEADY_MS ? 1 : failures + 1;
    if (!hasOpened || failures > RECONNECTS || !PASSING.includes(fault.code)) throw fault;
    log().warn({ event: 'upstream_events_broke_off', failures, error: describeError(fault) });
    const backoff = { firstMs: pauseMs, longestMs: LONGEST_PAUSE_MS, jitter: [0.5, 1] } as const;
    await pause(backoffMs(backoff, failures - 1), undefined, { signal }).catch(() => {});
  }
}

/** Destroys a stream when its token is due for renewal. */
function withEnd(answer: OpenStream, dueAt: number | null): OpenStream {
  if (dueAt === null) return answer;
  const lifeMs = Math.min(Math.max(dueAt - Date.now(), SHORTEST_LIFE_MS), LONGEST_LIFE_MS);
  const timer = setTimeout(() => answer.body.destroy(new TokenIsDue()), lifeMs);
  answer.body.once('close', () => clearTimeout(timer));
  return answer;
}
