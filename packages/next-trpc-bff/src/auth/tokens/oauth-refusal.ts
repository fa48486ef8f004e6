import { ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { z } from 'zod';

const errorBody = z.object({ error: z.string().min(1) });

/**
 * Returns the error code with which an identity provider refused a request, from the body of its answer, else from its
 * challenges. With a challenge the library does not read the body, and servers may add one to any 4xx status.
 *
 * @param thrown - What openid-client threw
 * @returns E.g. `invalid_grant`, with any 4xx status; an empty text when the provider refused without a code; null when
 *   it did not refuse, or was not reached
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export async function refusalCodeOf(thrown: unknown): Promise<string | null> {
  if (thrown instanceof ResponseBodyError) return thrown.error;
  if (!(thrown instanceof WWWAuthenticateChallengeError) || thrown.status < 400 || thrown.status > 499)
    return null;
  const body = errorBody.safeParse(await thrown.response.json().catch(() => null));
  if (body.success) return body.data.error;
  return thrown.cause.map(({ parameters }) => parameters['error']).find((code) => code) ?? '';
}
