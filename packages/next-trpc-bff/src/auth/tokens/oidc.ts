import {
  allowInsecureRequests,
  type Configuration,
  customFetch,
  discovery,
  refreshTokenGrant,
  tokenRevocation,
} from 'openid-client';
import { filledIn } from '../../runtime/logout-params.js';
import { describeError, env, onePerProcess } from '../../runtime/process.js';
import type { Tokens } from '../../session/record.js';
import { clientSecretBasic } from './client-authentication.js';
import { ISSUER_TIMEOUT_MS, lifetime, type RefreshAnswer, type RevocationAnswer } from './issuer-answers.js';
import { refusalCodeOf } from './oauth-refusal.js';
import { guardedFetch } from './provider/guarded-fetch.js';

/**
 * The identity provider gave no valid answer. Has no `cause`: the library's errors hold the whole answer, tokens
 * included.
 */
export class IdentityProviderFailed extends Error {
  override readonly name = 'IdentityProviderFailed';
  readonly code = 'IDENTITY_PROVIDER_FAILED';

  /** @param cause - The library's error, of which only names and codes are kept */
  constructor(cause: unknown) {
    const { name, code = '', cause: inner } = describeError(cause);
    const status = typeof cause === 'object' && cause !== null && 'status' in cause ? cause.status : '';
    super(
      `The identity provider did not answer properly: ${[name, code, status, inner?.code].filter(Boolean).join(' ')}.`,
    );
  }
}

/** Discovers the provider once; a failed discovery is tried again by the next caller. */
async function provider(): Promise<Configuration> {
  const memo = onePerProcess<{ promise: Promise<Configuration> | null }>('oidc', () => ({ promise: null }));
  memo.promise ??= discover().catch((error: unknown) => {
    memo.promise = null;
    throw error;
  });
  return memo.promise;
}

async function discover(): Promise<Configuration> {
  const { oidc } = env();
  if (!oidc) throw new TypeError('No identity provider is configured.');
  const { AUTH_OIDC_ISSUER, AUTH_OIDC_ID, AUTH_OIDC_SECRET } = oidc;
  const issuer = new URL(AUTH_OIDC_ISSUER);
  const authentication = clientSecretBasic(AUTH_OIDC_ID, AUTH_OIDC_SECRET);
  return discovery(issuer, AUTH_OIDC_ID, undefined, authentication, {
    // Which addresses may be http is not for the library to say.
    execute: [allowInsecureRequests],
    [customFetch]: (url, { body, ...init }) => guardedFetch(url, { ...init, body: formIn(body) }),
    timeout: ISSUER_TIMEOUT_MS / 1000,
  });
}

/** The library sends nothing but forms. */
const formIn = (body: unknown) => (body instanceof URLSearchParams ? body : null);

/**
 * Redeems a refresh token. Never throws: a failure is part of the answer.
 *
 * @param refreshToken - The session's current one; the provider may rotate it
 * @param previous - The tokens in force, whose refresh token and id token are kept when the answer has none
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
export async function redeemRefreshToken(refreshToken: string, previous: Tokens): Promise<RefreshAnswer> {
  try {
    const answer = await refreshTokenGrant(await provider(), refreshToken);
    const tokens = {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? previous.refreshToken,
      idToken: answer.id_token ?? previous.idToken,
      ...lifetime(answer.expires_in),
    };
    return { kind: 'granted', tokens, subject: answer.claims()?.sub ?? null };
  } catch (cause) {
    const refusal = await refusalCodeOf(cause);
    if (refusal === 'invalid_grant') return { kind: 'rejected' };
    // A provider that refused, or that was not reached, has not redeemed the token.
    const refreshToken = refusal !== null || isConnectionRefused(cause) ? 'unused' : 'uncertain';
    return { kind: 'failed', cause: new IdentityProviderFailed(cause), refreshToken };
  }
}

const isConnectionRefused = (error: unknown) =>
  error instanceof TypeError &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED';

/**
 * Revokes a refresh token and with it, at most providers, the grant; or the access token where there is no other. From
 * a provider without revocation the metadata is fetched instead: whether it answers decides about its end-session page.
 * Never throws: a failure is part of the answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
export async function revokeTokens({ refreshToken, accessToken }: Tokens): Promise<RevocationAnswer> {
  const hint = refreshToken ? 'refresh_token' : 'access_token';
  try {
    const configuration = await provider();
    if (configuration.serverMetadata().revocation_endpoint)
      await tokenRevocation(configuration, refreshToken ?? accessToken, { token_type_hint: hint });
    else await discover();
    return { kind: 'confirmed' };
  } catch (cause) {
    const kind = (await refusalCodeOf(cause)) === null ? 'failed' : 'refused';
    return { kind, cause: new IdentityProviderFailed(cause) };
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
  const { end_session_endpoint } = (await provider()).serverMetadata();
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

/**
 * Returns the identity provider's issuer as written in its tokens, and the address of its signing keys.
 *
 * @throws When the provider cannot be discovered, or names no such address
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 */
export async function providerSigning(): Promise<{ issuer: string; keysUrl: URL }> {
  const { issuer, jwks_uri } = (await provider()).serverMetadata();
  if (!jwks_uri) throw new Error('The identity provider names no jwks_uri.');
  return { issuer, keysUrl: new URL(jwks_uri) };
}
