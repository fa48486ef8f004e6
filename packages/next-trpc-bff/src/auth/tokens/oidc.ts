import { decodeJwt } from 'jose';
import { filledIn } from '../../runtime/logout-params.js';
import { env } from '../../runtime/process.js';
import type { Tokens } from '../../session/record.js';
import { authenticate } from './client-authentication.js';
import { lifetime, type RefreshAnswer, type RevocationAnswer } from './issuer-answers.js';
import { askEndpoint, discover, discovered } from './provider/discovery.js';
import { failureOf, IdentityProviderFailed, UnexpectedAnswer, UnusableEndpoint } from './provider/failed.js';
import { contentOf, refusalOf } from './provider/refusal.js';
import type { ProviderAnswer } from './provider/request.js';
import { readTokenAnswer } from './provider/token-answer.js';

/**
 * Posts a form to one of the provider's endpoints, authenticated as this client.
 *
 * @throws {IdentityProviderFailed} when it gave no valid answer, or names no such endpoint
 */
async function post(
  endpoint: 'token_endpoint' | 'revocation_endpoint',
  form: Record<string, string>,
): Promise<ProviderAnswer> {
  const metadata = (await discovered()).serverMetadata();
  const url = metadata[endpoint];
  if (!url) throw new IdentityProviderFailed(new UnusableEndpoint('ENDPOINT_MISSING'));
  const body = new URLSearchParams(form);
  const headers = new Headers({ accept: 'application/json' });
  authenticate(metadata.token_endpoint_auth_methods_supported, headers, body);
  return askEndpoint(url, { method: 'POST', headers, body });
}

/**
 * Redeems a refresh token. Never throws: a failure is part of the answer.
 *
 * @param refreshToken - The session's current one; the provider may rotate it
 * @param previous - The tokens in force, whose refresh token and id token are kept when the answer has none
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
export async function redeemRefreshToken(refreshToken: string, previous: Tokens): Promise<RefreshAnswer> {
  try {
    const { resource } = env().AUTH_OIDC_PARAMS;
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...(resource && { resource }) };
    const { issued } = readTokenAnswer(await post('token_endpoint', form));
    const subject = subjectOf(issued.id_token);
    const tokens = {
      accessToken: issued.access_token,
      refreshToken: issued.refresh_token ?? previous.refreshToken,
      idToken: (subject !== null && issued.id_token) || previous.idToken,
      ...lifetime(issued.expires_in),
    };
    return { kind: 'granted', tokens, subject };
  } catch (error) {
    const cause = failureOf(error);
    const { refusal, isUnreached } = cause;
    if (refusal?.meaning === 'over') return { kind: 'rejected', cause };
    // A provider that refused, or that was not reached, has not redeemed the token.
    const isUnused = isUnreached || (refusal !== null && refusal.status < 500 && refusal.status !== 408);
    const meaning = refusal?.meaning ?? 'passing';
    return { kind: 'failed', meaning, cause, refreshToken: isUnused ? 'unused' : 'uncertain' };
  }
}

/**
 * Whom an id token is for, which comes from the provider itself over TLS; nothing else of it is used. Null for one that
 * cannot be read.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse
 */
function subjectOf(idToken: string | undefined): string | null {
  try {
    return (idToken && decodeJwt(idToken).sub) || null;
  } catch {
    return null;
  }
}

/**
 * Revokes a refresh token and with it, at most providers, the grant; or the access token where there is no other. From
 * a provider without revocation the metadata is fetched instead: whether it answers decides about its end-session page.
 * Never throws: a failure is part of the answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
export async function revokeTokens({ refreshToken, accessToken }: Tokens): Promise<RevocationAnswer> {
  const token_type_hint = refreshToken ? 'refresh_token' : 'access_token';
  try {
    if (!(await discovered()).serverMetadata().revocation_endpoint) {
      await discover();
      return { kind: 'confirmed' };
    }
    const form = { token: refreshToken ?? accessToken, token_type_hint };
    const { status, text, headers } = await post('revocation_endpoint', form);
    const refusal = refusalOf(status, contentOf(text), headers.get('www-authenticate'));
    if (!refusal && status >= 200 && status <= 299) return { kind: 'confirmed' };
    const cause = new IdentityProviderFailed(new UnexpectedAnswer(status), refusal);
    return { kind: refusal && status <= 499 ? 'refused' : 'failed', cause };
  } catch (error) {
    return { kind: 'failed', cause: failureOf(error) };
  }
}

/** Longest address, characters: a longer one may not fit into the header buffer of a proxy, or of the provider. */
const LOCATION_CHARACTERS = 2_000;

/**
 * Returns the address that signs the user out at the identity provider, which redirects back to `/login`.
 *
 * @param idToken - The session's id token, so that the provider need not ask the user to confirm; null where there is
 *   none. One that makes the address too long for a `Location` header is left out, and `client_id` names the application
 * @returns The URL, or null when the provider offers no end-session endpoint or `AUTH_OIDC_END_SESSION` is off
 * @throws When the provider cannot be discovered, or the address is too long without the id token, too
 * @see https://openid.net/specs/openid-connect-rpinitiated-1_0.html
 */
export async function endSessionUrl(idToken: string | null): Promise<string | null> {
  const { AUTH_OIDC_END_SESSION, AUTH_OIDC_LOGOUT_PARAMS, AUTH_URL, oidc } = env();
  const { end_session_endpoint } = (await discovered()).serverMetadata();
  const page = AUTH_OIDC_LOGOUT_PARAMS.page ?? end_session_endpoint;
  if (!AUTH_OIDC_END_SESSION || !page || !oidc) return null;
  const values = { client_id: oidc.AUTH_OIDC_ID, return_to: `${AUTH_URL}/login` };
  const address = (id_token: string | null) => {
    const url = new URL(page, oidc.AUTH_OIDC_ISSUER);
    for (const [name, value] of filledIn(AUTH_OIDC_LOGOUT_PARAMS.query, { ...values, id_token }))
      url.searchParams.append(name, value);
    return url.href;
  };
  const href = [address(idToken), address(null)].find(({ length }) => length < LOCATION_CHARACTERS);
  if (href === undefined) throw new RangeError('The address of the end-session page is too long.');
  return href;
}
