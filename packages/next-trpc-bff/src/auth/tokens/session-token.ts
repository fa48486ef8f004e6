import { TRPCError } from '@trpc/server';
import { describeError, log } from '../../runtime/process.js';
import { endIfTokenVersion } from '../../session/end.js';
import { type LiveSession, sessionStateOf } from '../../session/state.js';
import type { TokenSource } from '../../upstream/token-source.js';
import { forgetRefreshToken, type Renewal, renewTokens } from './refresh.js';
import { countRefusal } from './refusal-count.js';
import { revokeInBackground } from './revoke.js';

/** How long optional calls go on without a token after an outage of the provider, ms. */
const WITHOUT_TOKEN_MS = 30_000;

/** What a client is told whose session has ended. */
export const SESSION_ENDED = 'The session has ended.';

const UNAUTHORIZED = () => new TRPCError({ code: 'UNAUTHORIZED', message: SESSION_ENDED });
const UNAVAILABLE = (cause: unknown) =>
  new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'The session cannot be renewed right now.', cause });

/**
 * Makes the source of a session's access token. When no token is accepted any more it ends the session and fails with
 * UNAUTHORIZED. All calls of a request share it, so that they use the newest token.
 *
 * @param session - The live session of the request
 * @throws {TRPCError} UNAUTHORIZED once the end is committed, SERVICE_UNAVAILABLE when the token could not be renewed
 * @throws {SessionStoreUnavailable} when the end could not be written
 */
export function sessionToken(session: LiveSession): TokenSource {
  let current = session;

  async function renewed(isUsable: boolean): Promise<string> {
    const renewal = await renewTokens(current);
    if (renewal.status === 'ended') throw UNAUTHORIZED();
    const isOver = renewal.status === 'rejected' || (await isRefusedForGood(current, renewal, isUsable));
    if (isOver) {
      if (await endIfTokenVersion(current, 'refresh-rejected')) throw UNAUTHORIZED();
      // Another request ended or renewed it meanwhile: read the store again.
      return renewed(isUsable);
    }
    if (renewal.status === 'unavailable') throw UNAVAILABLE(renewal.cause);
    current = renewal.session;
    return current.tokens.accessToken;
  }

  return {
    name: `session ${session.record.key}`,
    dueAt: () => dueAt(current),
    async accessToken() {
      if (!isDueForRenewal(current) || !current.tokens.refreshToken) return current.tokens.accessToken;
      const { accessToken } = current.tokens;
      const usable = isUnexpired(current);
      return renewed(usable).catch((error: unknown) => {
        if (!usable || !isOutage(error)) throw error;
        log().warn({ event: 'token_used_past_renewal', error: describeError(error) });
        return accessToken;
      });
    },
    async afterRejection(rejected) {
      // Another call of this request may have renewed it meanwhile.
      if (current.tokens.accessToken !== rejected) return current.tokens.accessToken;
      const next = await renewed(false);
      // Meanwhile an optional call has deleted the rejected refresh token.
      return next === rejected && !current.tokens.refreshToken ? renewed(false) : next;
    },
    async afterSecondRejection() {
      if (!(await endIfTokenVersion(current, 'upstream-401'))) await assertNewestTokens(current);
      else revokeInBackground(current);
      throw UNAUTHORIZED();
    },
  };
}

/**
 * Makes the source of a session's access token for optional calls: they send a token while one is accepted, and none
 * after that. It never ends a session.
 *
 * @param session - The live session of the request
 */
export function optionalSessionToken(session: LiveSession): TokenSource {
  let current: LiveSession | null = session;
  let withoutUntil = 0;

  async function renewed(rejected: string | null): Promise<string | null> {
    if (!current) return null;
    const renewal = await renewTokens(current);
    const isOfUse = isUnexpired(current) && current.tokens.accessToken !== rejected;
    if (renewal.status === 'unavailable' && !isOfUse) {
      withoutUntil = Date.now() + WITHOUT_TOKEN_MS;
      return null;
    }
    if (renewal.status === 'rejected') await forgetRefreshToken(current);
    if (renewal.status === 'renewed') current = renewal.session;
    else if (renewal.status !== 'unavailable') current = null;
    return current?.tokens.accessToken ?? null;
  }

  return {
    name: `session ${session.record.key} if accepted`,
    dueAt: () => current && (Date.now() < withoutUntil ? withoutUntil : dueAt(current)),
    async accessToken() {
      if (!current || Date.now() < withoutUntil) return null;
      return isDueForRenewal(current) && current.tokens.refreshToken
        ? renewed(null)
        : current.tokens.accessToken;
    },
    async afterRejection(rejected) {
      const accessToken = current?.tokens.accessToken ?? null;
      return accessToken === rejected ? renewed(rejected) : accessToken;
    },
    async afterSecondRejection() {
      current = null;
    },
  };
}

/** A refusal in unknown words counts only where it takes the user something: while no access token is good. */
const isRefusedForGood = async ({ record }: LiveSession, renewal: Renewal, isUsable: boolean) =>
  renewal.status === 'unavailable' &&
  renewal.isUnknown === true &&
  !isUsable &&
  (await countRefusal(record)) === 'over';

/** Returns whether a session's access token is due for renewal. */
export const isDueForRenewal = ({ tokens }: LiveSession): boolean =>
  tokens.renewAt !== null && Date.now() >= tokens.renewAt;

const isUnexpired = ({ tokens }: LiveSession) => tokens.expiresAt === null || Date.now() < tokens.expiresAt;

/** A token that cannot be renewed is used until it expires. */
const dueAt = ({ tokens }: LiveSession) => (tokens.refreshToken ? tokens.renewAt : tokens.expiresAt);

/** Only the rejection of the newest tokens ends a session: another request may have renewed them since. */
async function assertNewestTokens({ record }: LiveSession): Promise<void> {
  const state = await sessionStateOf(record.key);
  if (state.status === 'unknown') throw state.cause;
  if (state.status === 'live' && state.session.record.tokenVersion > record.tokenVersion) {
    throw UNAVAILABLE(new Error('The tokens were renewed while they were being rejected.'));
  }
}

const isOutage = (error: unknown) => error instanceof TRPCError && error.code === 'SERVICE_UNAVAILABLE';
