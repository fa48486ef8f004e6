import { setMaxListeners } from 'node:events';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { WIRE_LIMITS } from '../http/wire.js';
import { stopping } from '../runtime/stopping.js';
import type { SessionRecord } from '../session/record.js';
import { sessionStateOf } from '../session/state.js';
import { SilentClose } from '../upstream/events/silent-close.js';
import type { Context } from './context.js';
import { countSubscription } from './open-subscriptions.js';
import { isStreamedOutput } from './streamed-output.js';

/** How often an open subscription looks whether its session is still alive, ms. */
export const SESSION_CHECK_MS = 5_000;

/** How subscriptions stay connected: a sign of life before a proxy cuts what is silent, and patience for three. */
export const SSE = {
  ping: { enabled: true, intervalMs: 10_000 },
  client: { reconnectAfterInactivityMs: 30_000 },
} as const;

/**
 * The input of a subscription that goes on after a broken connection: `lastEventId`, filled in by the client link.
 * Extend it with what your subscription takes: `resumable.extend({ room: z.string() })`.
 */
export const resumable = z.object({
  lastEventId: z
    .string()
    .max(WIRE_LIMITS.eventIdLength)
    .regex(/^\P{Cc}*$/u, 'An event id has no control characters.')
    .nullish(),
});

/** How long a procedure's output may go on. */
export interface Lifetime {
  /** Aborts when nobody waits any more; of a subscription also when the session has ended or the process stops. */
  readonly signal: AbortSignal | undefined;
  /** Takes what the procedure returned: a stream goes on until the signal aborts, and throws its reason. */
  wrap(output: unknown): unknown;
}

/** Whose session a subscription must not outlive. */
interface WatchedSession {
  readonly record: SessionRecord;
  /** What a subscriber is told when the session has ended; nothing makes it come back as nobody. */
  readonly onEnd: 'UNAUTHORIZED' | null;
}

/**
 * Returns how long a procedure's output may go on. A query's or mutation's ends by itself; a subscription ends with
 * its session at the latest {@link SESSION_CHECK_MS} after, wherever that was ended, and with the process.
 *
 * @param ctx - The request's context
 * @param call - The procedure's type, and the signal that aborts when the caller goes away
 * @param session - The session it must not outlive, or null for nobody's
 * @throws {TRPCError} FORBIDDEN when the page that subscribes was rendered for another user than the one signed in.
 *   The stream fails with TOO_MANY_REQUESTS when the session has `limits.subscriptionsPerSession` open
 */
export function subscriptionLifetime(
  ctx: Context,
  { type, signal: caller }: { type: string; signal: AbortSignal | undefined },
  session: WatchedSession | null,
): Lifetime {
  if (type !== 'subscription') return { signal: caller, wrap: (output) => output };
  if (session && ctx.pageUser !== undefined && ctx.pageUser !== session.record.subject)
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Somebody else is signed in now: reload the page.' });
  const over = new AbortController();
  // Every call of the subscription listens.
  setMaxListeners(0, over.signal);
  const leave = () =>
    over.abort(new TRPCError({ code: 'CLIENT_CLOSED_REQUEST', message: 'The subscriber has left.' }));
  if (caller?.aborted) leave();
  caller?.addEventListener('abort', leave, { once: true });
  return {
    signal: over.signal,
    wrap(output) {
      if (!isStreamedOutput(output)) throw new TypeError('A subscription must be an async generator.');
      return abortable(over, output, session);
    },
  };
}

/** Why a stream is over whose reader wants no more. */
const RETURNED = Symbol('returned');

/**
 * Passes a stream on until it is over. Not a generator, whose `return` would wait for a value that may never come;
 * and nothing is left behind for each value, however many there are.
 */
function abortable(
  over: AbortController,
  source: AsyncIterable<unknown>,
  session: WatchedSession | null,
): AsyncIterableIterator<unknown> {
  const { signal } = over;
  let iterator: AsyncIterator<unknown> | null = null;

  function begin(): AsyncIterator<unknown> {
    const uncount = session ? countSubscription(session.record.key) : () => {};
    if (!uncount)
      throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'Too many subscriptions are open.' });
    const begun = source[Symbol.asyncIterator]();
    const stop = () => over.abort(new SilentClose('The process stops.'));
    const timer = session && setInterval(() => void check(session, over), SESSION_CHECK_MS).unref();
    // At once, and not when somebody reads: a subscriber that does not must hold nothing either.
    signal.addEventListener('abort', () => {
      clearInterval(timer ?? undefined);
      uncount();
      stopping().removeEventListener('abort', stop);
      void Promise.resolve(begun.return?.()).catch(() => {});
    });
    stopping().addEventListener('abort', stop);
    if (stopping().aborted) stop();
    return begun;
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      let isOver = true;
      try {
        if (!signal.aborted) iterator ??= begin();
        const step = await orOver(signal, iterator);
        isOver = step.done === true;
        return step;
      } finally {
        if (isOver) over.abort(RETURNED);
      }
    },
    async return(value) {
      over.abort(RETURNED);
      return { done: true, value };
    },
  };
}

async function check({ record: { key }, onEnd }: WatchedSession, over: AbortController): Promise<void> {
  const state = await sessionStateOf(key).catch((cause: unknown) => ({ status: 'unknown' as const, cause }));
  if (state.status === 'unknown') over.abort(state.cause);
  if (state.status !== 'dead') return;
  const message = 'The session has ended.';
  over.abort(onEnd === null ? new SilentClose(message) : new TRPCError({ code: onEnd, message }));
}

/** Waits for the next value, or rejects with the reason why there is none. */
function orOver(
  signal: AbortSignal,
  iterator: AsyncIterator<unknown> | null,
): Promise<IteratorResult<unknown>> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      if (signal.reason === RETURNED) resolve({ done: true, value: undefined });
      else reject(signal.reason);
    };
    if (signal.aborted || !iterator) return settle();
    signal.addEventListener('abort', settle);
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', settle));
  });
}
