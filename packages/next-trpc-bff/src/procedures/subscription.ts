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

/** Whose session a subscription must not outlive. */
export interface WatchedSession {
  readonly record: SessionRecord;
  /** What a subscriber is told when the session has ended; nothing makes it come back as nobody. */
  readonly onEnd: 'UNAUTHORIZED' | null;
}

/** Returns what a subscription is over by: it is aborted when the caller goes away, and by {@link endWith}. */
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
 * Makes sure that a page subscribes as the user that it was rendered for.
 *
 * @param pageUser - The user's id, empty for nobody; undefined where nobody says
 * @throws {TRPCError} FORBIDDEN when another one is signed in now
 */
export function assertPageUser(pageUser: string | undefined, { record }: WatchedSession): void {
  if (pageUser !== undefined && pageUser !== record.subject)
    throw new TRPCError({ code: 'FORBIDDEN', message: 'Somebody else is signed in now: reload the page.' });
}

/**
 * Ends a subscription with its session, at the latest {@link SESSION_CHECK_MS} after, wherever that was ended, and with
 * the process.
 *
 * @param over - Aborted then; it is what the subscription is over by
 * @param session - The session it must not outlive, or null for nobody's
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

/** Counts a subscription that a session opens. Returns what counts it no more, to be called once. */
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
