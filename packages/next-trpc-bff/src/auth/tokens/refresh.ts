import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Backoff, backoffMs } from '../../runtime/backoff.js';
import { describeError, log, onePerProcess } from '../../runtime/process.js';
import type { Tokens } from '../../session/record.js';
import { sealTokens } from '../../session/secrets.js';
import { type LiveSession, sessionStateOf, sessionStore } from '../../session/state.js';
import { isSessionStoreUnavailable, type Lease } from '../../session/store.js';
import { revokeInBackground } from './revoke.js';
import { tokenIssuerOf } from './token-issuer.js';

/** The result of renewing a session's tokens. */
export type Renewal =
  | { readonly status: 'renewed'; readonly session: LiveSession }
  /**
   * The provider rejected the refresh token, or there is none: only a new sign-in helps. The session has not been ended
   * yet.
   */
  | { readonly status: 'rejected' }
  /** The session ended meanwhile. */
  | { readonly status: 'ended' }
  /** The provider or the store gave no valid answer; `isUnknown` when the provider refused in words that nobody knows. */
  | { readonly status: 'unavailable'; readonly cause: unknown; readonly isUnknown?: true };

/**
 * The refresh lease, ms: how long a process may take to redeem and save, longer than the provider's timeout. Then
 * others may try.
 */
export const REFRESH_LEASE_MS = 15_000;

/** How long a renewal tries to save the redeemed tokens, ms: the lease less the provider's timeout. */
const SAVE_PATIENCE_MS = 9_000;

/** How long a call waits for a renewal, here or in another process, ms. */
const RENEWAL_PATIENCE_MS = 20_000;

/** How long to wait before asking for the lease again. */
const LEASE_BACKOFF: Backoff = { firstMs: 10, longestMs: 200, jitter: [0.5, 1.5] };

/** How long to wait before trying to save again. */
const SAVE_BACKOFF: Backoff = { firstMs: 50, longestMs: 1_000, jitter: [1, 1] };

const inFlightRefreshes = () => onePerProcess('refresh-flights', () => new Map<string, Promise<Renewal>>());

/**
 * Renews a session's tokens, once for all concurrent callers. Not bound to any request: when its caller goes away the
 * renewal finishes, so that a rotated token is never lost. A caller with tokens that were replaced already gets the new
 * ones, without a second redemption.
 *
 * @param session - The session with the tokens to renew
 * @returns The result; never rejects
 */
export function renewTokens(session: LiveSession): Promise<Renewal> {
  const { key } = session.record;
  const running = inFlightRefreshes().get(key);
  if (running) return running.then((renewal) => (isNewer(renewal, session) ? renewal : renewTokens(session)));
  const refresh = renew(session)
    .catch((cause: unknown): Renewal => ({ status: 'unavailable', cause }))
    .finally(() => inFlightRefreshes().delete(key));
  inFlightRefreshes().set(key, refresh);
  return refresh;
}

/** The result of a refresh that began before the caller's tokens existed does not concern them. */
const isNewer = (renewal: Renewal, { record }: LiveSession) =>
  renewal.status !== 'renewed' || renewal.session.record.tokenVersion > record.tokenVersion;

/**
 * Deletes a rejected refresh token from a session that goes on without it. It is not sent again, and no caller waits
 * for the lease under which it was sent. When the store fails here, the token is tried once more later.
 *
 * @param session - The session with the tokens that were rejected
 */
export async function forgetRefreshToken({
  record: { key, tokenVersion },
  tokens,
}: LiveSession): Promise<void> {
  if (!tokens.refreshToken) return;
  try {
    await sessionStore().saveTokens(key, tokenVersion, sealTokens({ ...tokens, refreshToken: null }, key));
  } catch (error) {
    log().warn({ event: 'refresh_token_not_forgotten', error: describeError(error) });
  }
}

async function renew(session: LiveSession): Promise<Renewal> {
  const { record, tokens } = session;
  const holder = randomUUID();
  const deadline = Date.now() + RENEWAL_PATIENCE_MS;
  for (let repeats = 0; Date.now() < deadline; repeats += 1) {
    const stored = await newerThan(session);
    if (stored) return stored;
    if (!tokens.refreshToken) return { status: 'rejected' };
    const lease = await sessionStore().takeRefreshLease(
      record.key,
      record.tokenVersion,
      holder,
      REFRESH_LEASE_MS,
    );
    if (lease !== 'refused') return redeem(session, tokens.refreshToken, holder, lease);
    // Another process renews: when it has saved, the next read finds a newer version.
    await pause(backoffMs(LEASE_BACKOFF, repeats));
  }
  return { status: 'unavailable', cause: new Error('Another process took too long to renew the tokens.') };
}

async function redeem(
  session: LiveSession,
  refreshToken: string,
  holder: string,
  lease: Lease,
): Promise<Renewal> {
  const { key, subject, tokenVersion } = session.record;
  const answer = await tokenIssuerOf(session.record).redeem(refreshToken, session.tokens);
  if (answer.kind === 'failed') {
    const { meaning, refreshToken, cause } = answer;
    log().error({ event: 'refresh_failed', meaning, refreshToken, error: describeError(cause) });
    await sessionStore().releaseRefreshLease(key, holder, refreshToken);
    const unavailable: Renewal = {
      status: 'unavailable',
      cause,
      ...(meaning === 'unknown' && { isUnknown: true }),
    };
    // A process that was paused for longer than its lease uses what others have saved meanwhile.
    return (await newerThan(session)) ?? unavailable;
  }
  if (answer.kind === 'rejected') {
    // The previous holder of the lease may have redeemed the token and died before saving: then the token is lost.
    const event = lease === 'inherited' ? 'refresh_lost' : 'refresh_rejected';
    log().warn({ event, ...(answer.cause !== undefined && { error: describeError(answer.cause) }) });
    return (await newerThan(session)) ?? { status: 'rejected' };
  }
  if (answer.subject !== null && answer.subject !== subject) {
    log().error({ event: 'refresh_subject_mismatch' });
    revokeInBackground({ ...session, tokens: answer.tokens });
    return { status: 'rejected' };
  }
  if (!(await saved(session, answer.tokens))) return discardLateTokens(session, answer.tokens);
  return {
    status: 'renewed',
    session: { record: { ...session.record, tokenVersion: tokenVersion + 1 }, tokens: answer.tokens },
  };
}

/** Saves redeemed tokens, which exist nowhere else: it tries again while the store fails and the lease lasts. */
async function saved({ record: { key, tokenVersion } }: LiveSession, tokens: Tokens): Promise<boolean> {
  const sealed = sealTokens(tokens, key);
  const deadline = Date.now() + SAVE_PATIENCE_MS;
  for (let repeats = 0; ; repeats += 1) {
    const pauseMs = backoffMs(SAVE_BACKOFF, repeats);
    try {
      return await sessionStore().saveTokens(key, tokenVersion, sealed);
    } catch (error) {
      if (!isSessionStoreUnavailable(error) || Date.now() + pauseMs > deadline) {
        log().error({ event: 'refresh_lost', error: describeError(error) });
        throw error;
      }
      await pause(pauseMs);
    }
  }
}

/**
 * Handles tokens that came too late: if the session has ended they are revoked; if another process saved newer ones,
 * those count.
 */
async function discardLateTokens(session: LiveSession, late: Tokens): Promise<Renewal> {
  const stored = (await newerThan(session)) ?? { status: 'ended' };
  if (stored.status === 'ended') revokeInBackground({ ...session, tokens: late });
  return stored;
}

/**
 * Returns what has changed in the store since the caller read it: newer tokens, an end, a failure; null when nothing
 * has.
 */
async function newerThan({ record }: LiveSession): Promise<Renewal | null> {
  const state = await sessionStateOf(record.key);
  if (state.status === 'unknown') return { status: 'unavailable', cause: state.cause };
  if (state.status === 'dead') return { status: 'ended' };
  return state.session.record.tokenVersion === record.tokenVersion
    ? null
    : { status: 'renewed', session: state.session };
}
