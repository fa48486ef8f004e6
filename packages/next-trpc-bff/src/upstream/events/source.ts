import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { TRPCError } from '@trpc/server';
import { WIRE_LIMITS } from '../../http/wire.js';
import { backoffMs } from '../../runtime/backoff.js';
import { describeError, log } from '../../runtime/process.js';
import { errorOfTransport, UpstreamError } from '../errors.js';
import { assertEvents, eventsIn, type OpenStream } from './stream.js';

/** An upstream that breaks off is asked again so often, with growing pauses; then its subscribers are told. */
const RECONNECTS = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const SHORTEST_PAUSE_MS = 100;

/** A connection that held so long was a good one, ms: the next failure counts as the first. */
const STEADY_MS = 15_000;

/** How soon a connection is opened anew with a newer token at the earliest, and at the latest, ms. */
const SHORTEST_LIFE_MS = 5_000;
const LONGEST_LIFE_MS = 24 * 60 * 60 * 1_000;

/** Faults that the same request may outlive. */
const PASSING: readonly TRPCError['code'][] = [
  'BAD_GATEWAY',
  'SERVICE_UNAVAILABLE',
  'GATEWAY_TIMEOUT',
  'TOO_MANY_REQUESTS',
];

/** One event of an upstream. */
export interface UpstreamEvent {
  /** Its id, or one of ours where the upstream gives none that a subscriber can give back. */
  readonly id: string;
  /** Its name, `message` by default. */
  readonly name: string;
  readonly data: string;
}

/** Where events come from. */
export interface EventSource {
  /** Method and path template, for error messages. */
  readonly call: string;
  /** Sends the request, to go on after the event of an id where there is one. */
  open(lastEventId: string | null, signal: AbortSignal): Promise<OpenStream>;
  /** When the token that was sent is due for renewal, ms since the epoch; null when it never is. */
  dueAt(): number | null;
}

/** Returns whether an id can be given back by a subscriber, in an address and in a header. */
export const isReturnable = (id: string): boolean =>
  !/\p{Cc}/u.test(id) && encodeURIComponent(id.toWellFormed()).length <= WIRE_LIMITS.eventIdLength;

/** Ids of ours: of which stream, the how many-eth event, and the last id that the upstream gave before, if any. */
const OURS = /^~[\da-f-]{36}\.\d+(?:\.(.+))?$/s;

/** Returns whether an id is one of ours. */
export const isOurId = (id: string): boolean => OURS.test(id);

/** Returns the id after which an upstream can go on, for one that it gave, or we did; null when there is none. */
export function upstreamIdOf(id: string): string | null {
  const ours = OURS.exec(id);
  return ours ? (ours[1] ?? null) : id;
}

class TokenIsDue extends Error {}

/**
 * Reads events for as long as somebody wants them. Goes on after the last one when the connection breaks, and with a
 * newer token when the one that opened it is due.
 *
 * @param source - Where from
 * @param lastEventId - The event to go on after, or null to begin with what happens from now on
 * @param signal - Ends it
 * @returns The events, until the upstream says that there will be no more (204)
 * @throws {UpstreamError} when it does not open, refuses, or breaks off again and again; and what opening throws
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
      // Destroyed before it was read whole it emits an error, which is fatal when nobody listens.
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

/** Breaks a stream off when its token is due. */
function withEnd(answer: OpenStream, dueAt: number | null): OpenStream {
  if (dueAt === null) return answer;
  const lifeMs = Math.min(Math.max(dueAt - Date.now(), SHORTEST_LIFE_MS), LONGEST_LIFE_MS);
  const timer = setTimeout(() => answer.body.destroy(new TokenIsDue()), lifeMs);
  answer.body.once('close', () => clearTimeout(timer));
  return answer;
}
