import { describeError, env, log, onePerProcess } from '../runtime/process.js';
import type { EndReason, SessionRecord, Tokens } from './record.js';
import { openRedisStore } from './redis/store.js';
import { openTokens, recordKeyOf, sessionTokensIn } from './secrets.js';
import { openSqliteStore } from './sqlite/store.js';
import { isSessionStoreUnavailable, type SessionStore, type SessionStoreUnavailable } from './store.js';

/** A session that may call the upstream: its record and its decrypted tokens. */
export interface LiveSession {
  readonly record: SessionRecord;
  readonly tokens: Tokens;
}

/**
 * Whether a session is alive. `unknown` means that the store did not answer: never treat it as dead (an outage would
 * log all users out) nor as live.
 */
export type SessionState =
  | { readonly status: 'live'; readonly session: LiveSession }
  | { readonly status: 'dead'; readonly reason: 'absent' | 'idle' | 'absolute' | 'key' }
  | { readonly status: 'dead'; readonly reason: 'ended'; readonly endReason: EndReason | null }
  | { readonly status: 'unknown'; readonly cause: SessionStoreUnavailable };

const ABSENT = { status: 'dead', reason: 'absent' } as const satisfies SessionState;

/**
 * The shortest time between two writes that mark a session as seen, ms; a tenth of the idle time if that is shorter.
 */
const TOUCH_INTERVAL_MS = 60_000;

const FILE = 'file:';

/**
 * Returns the session store of this process, opened on first use. `SESSION_STORE_URL` chooses the driver:
 * `file:` is SQLite, `redis:` and `rediss:` are Redis.
 *
 * @throws {SessionStoreUnavailable} when it cannot be opened; the next call tries again
 */
export const sessionStore = (): SessionStore => onePerProcess('session-store', openStore);

function openStore(): SessionStore {
  const url = env().SESSION_STORE_URL;
  return url.startsWith(FILE) ? openSqliteStore(url.slice(FILE.length)) : openRedisStore(url);
}

/**
 * Tells whether the session of a request is alive, for procedures, pages, `auth()`, `/login` and `/logout` alike. It
 * only reads.
 *
 * @param headers - The request's headers; of several well-formed session cookies the first live one counts
 * @returns Live with the session, dead with the reason, or unknown when the store did not answer; never throws
 */
export async function sessionState(headers: Headers): Promise<SessionState> {
  let state: SessionState = ABSENT;
  for (const sessionToken of sessionTokensIn(headers)) {
    const found = await sessionStateOf(recordKeyOf(sessionToken));
    if (found.status !== 'dead') return found;
    if (state === ABSENT) state = found;
  }
  return state;
}

/**
 * The same for a session with a known record key.
 *
 * @param key - As from `recordKeyOf`
 */
export async function sessionStateOf(key: string): Promise<SessionState> {
  try {
    return sessionStateFrom(await sessionStore().read(key));
  } catch (cause) {
    if (!isSessionStoreUnavailable(cause)) throw cause;
    log().error({ event: 'session_store_unavailable', error: describeError(cause) });
    return { status: 'unknown', cause };
  }
}

/**
 * The same for a record that was just read.
 *
 * @param record - From the store, or null when there is none
 */
export function sessionStateFrom(record: SessionRecord | null): Exclude<SessionState, { status: 'unknown' }> {
  if (!record) return ABSENT;
  const now = Date.now();
  if (record.endedAt !== null) return { status: 'dead', reason: 'ended', endReason: record.endReason };
  if (now >= record.absoluteDeadline) return { status: 'dead', reason: 'absolute' };
  if (now >= record.idleDeadline) return { status: 'dead', reason: 'idle' };
  const tokens = openTokens(record.sealedTokens, record.key);
  return tokens ? { status: 'live', session: { record, tokens } } : { status: 'dead', reason: 'key' };
}

/**
 * Marks a session as used, which moves its idle deadline. Throttled: most calls write nothing. A failing store is
 * logged and not reported to the caller: the idle deadline just stays.
 */
export async function touchSession({ record }: LiveSession): Promise<void> {
  const now = Date.now();
  const idleMs = env().SESSION_IDLE_SECONDS * 1000;
  if (now - record.seenAt < Math.min(TOUCH_INTERVAL_MS, idleMs / 10)) return;
  try {
    await sessionStore().touch(record.key, now, now + idleMs);
  } catch (error) {
    log().warn({ event: 'session_touch_failed', error: describeError(error) });
  }
}
