import { setMaxListeners } from 'node:events';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { SESSION_ENDED } from '../auth/tokens/session-token.js';
import { WIRE_LIMITS } from '../http/wire.js';
import { limits } from '../runtime/limits.js';
import { onePerProcess } from '../runtime/process.js';
import { stopping } from '../runtime/stopping.js';
import type { SessionRecord } from '../session/record.js';
import { sessionStateOf } from '../session/state.js';
import { SilentClose } from '../upstream/events/silent-close.js';

/** How often an open subscription checks that its session is alive, ms. */
export const SESSION_CHECK_MS = 5_000;

/**
 * Keep-alive of subscriptions: pings, so that proxies do not close idle connections. A client that misses three of them
 * reconnects.
 */
export const SSE = {
  ping: { enabled: true, intervalMs: 10_000 },
  client: { reconnectAfterInactivityMs: 30_000 },
} as const;

/**
 * The input of a subscription that resumes after a broken connection: `lastEventId`, which the client link sets.
 * Extend it with your own input: `resumable.extend({ room: z.string() })`.
 */
export const resumable = z.object({
  lastEventId: z
    .string()
    .max(WIRE_LIMITS.eventIdLength)
    .regex(/^\P{Cc}*$/u, 'An event id has no control characters.')
    .nullish(),
});

/** The session that a subscription must not outlive. */
export interface WatchedSession {
  readonly record: SessionRecord;
  /** The error when the session has ended; null closes the stream, and the client reconnects without a session. */
  readonly onEnd: 'UNAUTHORIZED' | null;
}

/** Returns the controller that ends a subscription: aborted when the caller disconnects, and by {@link endWith}. */
export function subscriptionLifetime(caller: AbortSignal | undefined): AbortController {
  const over = new AbortController();
  // Every call of the subscription listens.
  setMaxListeners(0, over.signal);
  const leave = () =>
    over.abort(new TRPCError({ code: 'CLIENT_CLOSED_REQUEST', message: 'The subscriber has left.' }));
  if (caller?.aborted) leave();
  caller?.addEventListener('abort', leave, { once: true });
  return over;
}

/**
 * Asserts that a page subscribes as the user that it was rendered for.
 *
 * @param pageUser - The user's id, empty for a signed-out page; undefined when the client did not send it
 * @throws {TRPCError} FORBIDDEN when another user is signed in now
 */
export function assertPageUser(pageUser: string | undefined, { record }: WatchedSession): void {
  if (pageUser !== undefined && pageUser !== record.subject)
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Somebody else is signed in now: reload the page.' });
}

/**
 * Ends a subscription at most {@link SESSION_CHECK_MS} after its session has ended, in whatever process, and when this
 * process stops.
 *
 * @param over - The subscription's controller, aborted then
 * @param session - The session that it must not outlive, or null when there is none
 * @throws {TRPCError} TOO_MANY_REQUESTS when the session has `limits.subscriptionsPerSession` open
 */
export function endWith(over: AbortController, session: WatchedSession | null): void {
  const uncount = session && count(session.record.key);
  const timer = session && setInterval(() => void check(session, over), SESSION_CHECK_MS).unref();
  const stop = () => over.abort(new SilentClose('The process stops.'));
  over.signal.addEventListener('abort', () => {
    clearInterval(timer ?? undefined);
    uncount?.();
    stopping().removeEventListener('abort', stop);
  });
  stopping().addEventListener('abort', stop);
  if (stopping().aborted) stop();
}

async function check({ record: { key }, onEnd }: WatchedSession, over: AbortController): Promise<void> {
  const state = await sessionStateOf(key).catch((cause: unknown) => ({ status: 'unknown' as const, cause }));
  if (state.status === 'unknown') over.abort(state.cause);
  if (state.status !== 'dead') return;
  over.abort(
    onEnd === null ? new SilentClose(SESSION_ENDED) : new TRPCError({ code: onEnd, message: SESSION_ENDED }),
  );
}

const open = () => onePerProcess('open-subscriptions', () => new Map<string, number>());

/** Counts an open subscription of a session. Returns the function that uncounts it, to be called once. */
function count(key: string): () => void {
  const others = open().get(key) ?? 0;
  if (others >= limits().subscriptionsPerSession)
    throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'Too many subscriptions are open.' });
  open().set(key, others + 1);
  return () => {
    const left = (open().get(key) ?? 1) - 1;
    if (left > 0) open().set(key, left);
    else open().delete(key);
  };
}
