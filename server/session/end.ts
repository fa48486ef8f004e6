import { describeError, log } from '../log';
import { sessionStore } from './connection';
import { tokenIssuerOf } from './issuer';
import type { EndReason } from './record';
import { type LiveSession, sessionStateOf } from './state';

/**
 * Ends a session in the store, with whatever tokens it has by then: from here on it is dead for every request, tab
 * and process.
 *
 * @param session - The session, as it was read
 * @param reason - Why, for the log and for the words on `/login`
 * @returns The session with the tokens that it ended with, or null when somebody else ended it before
 * @throws {SessionStoreUnavailable} when the end could not be written; the session then lives on
 */
export async function endSession(session: LiveSession, reason: EndReason): Promise<LiveSession | null> {
  const { key } = session.record;
  for (let newest = session; ; ) {
    if (await endUnlessRenewed(newest, reason)) return newest;
    const state = await sessionStateOf(key);
    if (state.status === 'unknown') throw state.cause;
    if (state.status === 'dead') {
      await endUnopened(key, reason);
      return null;
    }
    newest = state.session;
  }
}

/**
 * The same for a session whose tokens were rejected: one that has newer tokens by then lives on.
 *
 * @returns Whether this call ended it: false when somebody else ended or renewed it before
 */
export async function endUnlessRenewed({ record }: LiveSession, reason: EndReason): Promise<boolean> {
  const ended = await sessionStore().end(record.key, reason, Date.now(), record.tokenVersion);
  if (ended) log().info({ event: 'session_ended', reason });
  return ended;
}

/**
 * The same for a session that is dead already, as far as this process can tell: another process may have a secret
 * that opens its tokens.
 *
 * @param key - As from `recordKeyOf`
 */
export async function endUnopened(key: string, reason: EndReason): Promise<void> {
  const ended = await sessionStore().end(key, reason, Date.now());
  if (ended) log().info({ event: 'session_ended', reason });
}

/**
 * Tells whoever issued a session's tokens to forget its refresh token (its access token where there is none), as
 * far as it answers in time.
 *
 * @param session - The session, with the tokens to forget
 * @param boundMs - How long to wait, ms; the attempt itself goes on in the background
 * @returns Whether the provider answered within the bound, be it with a refusal; never rejects
 */
export async function revokeAtProvider(session: LiveSession, boundMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, boundMs, false);
  });
  return Promise.race([revocation(session), bound]).finally(() => clearTimeout(timer));
}

async function revocation({ record, tokens }: LiveSession): Promise<boolean> {
  const answer = await tokenIssuerOf(record).revoke(tokens);
  if (answer.kind === 'confirmed') return true;
  log().warn({ event: 'revocation_failed', error: describeError(answer.cause) });
  return answer.kind === 'refused';
}
