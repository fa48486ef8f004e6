import { ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { z } from 'zod';

const errorBody = z.object({ error: z.string().min(1) });

/**
 * Returns the error code with which an identity provider refused a request, from the body of its answer, else from its
 * challenges. The library does not read the body of an answer with a challenge, which servers may add to any 4xx
 * status, nor of one whose type is not JSON.
 *
 * @param thrown - What openid-client threw
 * @returns E.g. `invalid_grant`, with any 4xx status; an empty text when the provider refused by a challenge without a
 *   code; null when it did not refuse, or was not reached
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export async function refusalCodeOf(thrown: unknown): Promise<string | null> {
  if (thrown instanceof ResponseBodyError) return thrown.error;
  const unread = unreadResponseOf(thrown);
  if (!unread || unread.status < 400 || unread.status > 499) return null;
  const body = errorBody.safeParse(await unread.json().catch(() => null));
  if (body.success) return body.data.error;
  if (!(thrown instanceof WWWAuthenticateChallengeError)) return null;
  return thrown.cause.map(({ parameters }) => parameters['error']).find((code) => code) ?? '';
}

function unreadResponseOf(thrown: unknown): Response | null {
  if (thrown instanceof WWWAuthenticateChallengeError) return thrown.response;
  const isUnread = thrown instanceof ClientError && thrown.code === 'OAUTH_RESPONSE_IS_NOT_JSON';
  return isUnread && thrown.cause instanceof Response ? thrown.cause : null;
}
