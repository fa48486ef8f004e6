import { setImmediate as nextTurn } from 'node:timers/promises';
import { env } from '../runtime/process.js';
import { endByKey, endSession } from '../session/end.js';
import type { EndReason, SessionRecord } from '../session/record.js';
import { sessionStateFrom, sessionStore } from '../session/state.js';
import { revokeInBackground } from './tokens/revoke.js';

/** How many sessions are ended before others have their turn: each is a write, and SQLite's hold the event loop. */
const ENDED_AT_ONCE = 10;

type User = Pick<SessionRecord, 'issuer' | 'subject'>;

/**
 * Returns the sessions of a user that neither ended nor are past a deadline, newest first.
 *
 * @throws {SessionStoreUnavailable} when the store does not answer
 */
export async function sessionsOfUser({ issuer, subject }: User): Promise<SessionRecord[]> {
  const now = Date.now();
  const sessions = await sessionStore().listBySubject(issuer, subject);
  return sessions.filter(
    ({ idleDeadline, absoluteDeadline }) => now < Math.min(idleDeadline, absoluteDeadline),
  );
}

/**
 * Ends sessions that are not the caller's own, immediately and everywhere. Their tokens are revoked in the background.
 *
 * @param sessions - As they were read
 * @param reason - Why, for the log and for the words on `/login`
 * @throws {SessionStoreUnavailable} when an end could not be written; some of the sessions then live on
 */
export async function endSessions(sessions: readonly SessionRecord[], reason: EndReason): Promise<void> {
  for (let first = 0; first < sessions.length; first += ENDED_AT_ONCE) {
    if (first > 0) await nextTurn();
    await Promise.all(sessions.slice(first, first + ENDED_AT_ONCE).map((session) => endOne(session, reason)));
  }
}

/**
 * Ends the oldest sessions of a user who has more than `SESSIONS_PER_USER`. To be called after each new one: of
 * several that race, the last to look sees them all, so no more than that many stay; and all put them into the same
 * order, so that they do not end each other.
 *
 * @throws {SessionStoreUnavailable} when the store does not answer
 */
export async function endSessionsBeyondLimit(user: User): Promise<void> {
  const newestFirst = (await sessionsOfUser(user)).sort(
    (one, other) => other.createdAt - one.createdAt || (one.key < other.key ? -1 : 1),
  );
  await endSessions(newestFirst.slice(env().SESSIONS_PER_USER), 'over-limit');
}

async function endOne(record: SessionRecord, reason: EndReason): Promise<void> {
  const state = sessionStateFrom(record);
  if (state.status === 'dead') return endByKey(record.key, reason);
  const ended = await endSession(state.session, reason);
  if (ended) revokeInBackground(ended);
}
