import { describeError, log } from '../log';
import { sessionStore } from './connection';
import { tokenIssuerOf } from './issuer';
import type { EndReason } from './record';
import type { LiveSession } from './state';

/**
 * Ends a session in the store: from here on it is dead for every request, tab and process.
 *
 * @param session - The session, as it was read
 * @param reason - Why, for the log and for the words on `/login`
 * @returns Whether this call ended it: false when somebody else did before
 * @throws {SessionStoreUnavailable} when the end could not be written; the session then lives on
 */
export async function endSession(
  { record }: Pick<LiveSession, 'record'>,
  reason: EndReason,
): Promise<boolean> {
  const ended = await sessionStore().end(record.key, reason, Date.now());
  if (ended) log().info({ event: 'session_ended', reason });
  return ended;
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
