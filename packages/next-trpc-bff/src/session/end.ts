import { log } from '../runtime/process.js';
import type { EndReason } from './record.js';
import { type LiveSession, sessionStateOf, sessionStore } from './state.js';

/**
 * Ends a session in the store, whatever tokens it has by then: from here on it is dead for every request, tab and
 * process.
 *
 * @param session - The session, as it was read
 * @param reason - Why, for the log and for the message on `/login`
 * @returns The session with the tokens that it ended with, or null when it had ended before
 * @throws {SessionStoreUnavailable} when the end could not be written; the session is then still alive
 */
export async function endSession(session: LiveSession, reason: EndReason): Promise<LiveSession | null> {
  const { key } = session.record;
  for (let newest = session; ; ) {
    if (await endIfTokenVersion(newest, reason)) return newest;
    const state = await sessionStateOf(key);
    if (state.status === 'unknown') throw state.cause;
    if (state.status === 'dead') {
      await endByKey(key, reason);
      return null;
    }
    newest = state.session;
  }
}

/**
 * Ends a session whose tokens were rejected, unless it has newer tokens by now.
 *
 * @returns Whether this call ended it: false when it had ended, or its tokens were renewed, before
 */
export async function endIfTokenVersion({ record }: LiveSession, reason: EndReason): Promise<boolean> {
  const ended = await sessionStore().endRecord(record.key, reason, Date.now(), record.tokenVersion);
  if (ended) log().info({ event: 'session_ended', reason });
  return ended;
}

/**
 * Ends a session that this process already treats as dead because no secret opens its tokens: another process may have
 * that secret.
 *
 * @param key - As from `recordKeyOf`
 */
export async function endByKey(key: string, reason: EndReason): Promise<void> {
  const ended = await sessionStore().endRecord(key, reason, Date.now());
  if (ended) log().info({ event: 'session_ended', reason });
}
