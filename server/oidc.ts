import {
  allowInsecureRequests,
  buildEndSessionUrl,
  ClientSecretBasic,
  type Configuration,
  discovery,
  ResponseBodyError,
  refreshTokenGrant,
  tokenRevocation,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { env } from './env';
import { describeError } from './log';
import { onePerProcess } from './one-per-process';
import type { Tokens } from './session/record';

/** How long the identity provider may take for an answer, s. */
const PROVIDER_TIMEOUT_SECONDS = 5;

/** Tokens are renewed this long before they expire, ms; short-lived ones after four fifths of their life. */
const REFRESH_SKEW_MS = 30_000;

/**
 * The identity provider did not answer as it should. Has no `cause`: the library's errors carry the whole answer,
 * tokens included.
 */
export class IdentityProviderFailed extends Error {
  override readonly name = 'IdentityProviderFailed';
  readonly code = 'IDENTITY_PROVIDER_FAILED';

  /** @param cause - What the library threw, of which only names and codes are kept */
  constructor(cause: unknown) {
    const { name, code = '', cause: inner } = describeError(cause);
    const status = typeof cause === 'object' && cause !== null && 'status' in cause ? cause.status : '';
    super(
      `The identity provider did not answer properly: ${[name, code, status, inner?.code].filter(Boolean).join(' ')}.`,
    );
  }
}

/** What the identity provider said to a refresh token. */
export type RefreshAnswer =
  | { readonly kind: 'granted'; readonly tokens: Tokens; readonly subject: string | null }
  /** `invalid_grant`: this refresh token is finished, the user must sign in again. */
  | { readonly kind: 'rejected' }
  /**
   * Anything else: the operator's mistake (`invalid_client`), an outage, a timeout. Says nothing about the user.
   * `uncertain` when the provider may have redeemed the refresh token all the same.
   */
  | { readonly kind: 'failed'; readonly cause: unknown; readonly refreshToken: 'unused' | 'uncertain' };

/** Discovers the provider once; a failed discovery is tried again by the next caller. */
async function provider(): Promise<Configuration> {
  const memo = onePerProcess<{ promise: Promise<Configuration> | null }>('oidc', () => ({ promise: null }));
  memo.promise ??= discover().catch((error: unknown) => {
    memo.promise = null;
    throw error;
  });
  return memo.promise;
}

function discover(): Promise<Configuration> {
  const { AUTH_OIDC_ISSUER, AUTH_OIDC_ID, AUTH_OIDC_SECRET } = env();
  const issuer = new URL(AUTH_OIDC_ISSUER);
  // The configuration allows http on loopback only.
  const execute = issuer.protocol === 'http:' ? [allowInsecureRequests] : [];
  const authentication = ClientSecretBasic(AUTH_OIDC_SECRET);
  return discovery(issuer, AUTH_OIDC_ID, undefined, authentication, {
    execute,
    timeout: PROVIDER_TIMEOUT_SECONDS,
  });
}

/**
 * Redeems a refresh token. Never throws: what went wrong is in the answer.
 *
 * @param refreshToken - The session's current one; the provider may rotate it
 * @param previous - The tokens in force, whose refresh and id token stay when the answer has none
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
    if (isRejection(cause)) return { kind: 'rejected' };
    const refreshToken = isRefusal(cause) ? 'unused' : 'uncertain';
    return { kind: 'failed', cause: new IdentityProviderFailed(cause), refreshToken };
  }
}

const isRejection = (cause: unknown) =>
  cause instanceof ResponseBodyError && cause.error === 'invalid_grant' && cause.status === 400;

/** The provider said no before redeeming anything, or was never reached. */
const isRefusal = (cause: unknown) =>
  cause instanceof ResponseBodyError ||
  cause instanceof WWWAuthenticateChallengeError ||
  isConnectionRefused(cause);

const isConnectionRefused = (error: unknown) =>
  error instanceof TypeError &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED';

/**
 * Returns when tokens that were just received expire and when to renew them, ms since the epoch.
 *
 * @param expiresIn - The token answer's `expires_in`, s; without it the token counts as valid until the API says no
 */
export function lifetime(expiresIn: number | undefined): Pick<Tokens, 'expiresAt' | 'renewAt'> {
  if (expiresIn === undefined) return { expiresAt: null, renewAt: null };
  const expiresAt = Date.now() + expiresIn * 1000;
  return { expiresAt, renewAt: expiresAt - Math.min(REFRESH_SKEW_MS, expiresIn * 200) };
}

/** What the identity provider said to a revocation. */
export type RevocationAnswer =
  | { readonly kind: 'confirmed' }
  /** It answered, but not with a confirmation. */
  | { readonly kind: 'refused'; readonly cause: unknown }
  /** It did not answer properly. */
  | { readonly kind: 'failed'; readonly cause: unknown };

/**
 * Revokes a refresh token and with it, at most providers, the grant; or the access token where there is no other.
 * Never throws: what went wrong is in the answer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009
 */
export async function revokeTokens({ refreshToken, accessToken }: Tokens): Promise<RevocationAnswer> {
  const hint = refreshToken ? 'refresh_token' : 'access_token';
  try {
    await tokenRevocation(await provider(), refreshToken ?? accessToken, { token_type_hint: hint });
    return { kind: 'confirmed' };
  } catch (cause) {
    return {
      kind: cause instanceof ResponseBodyError ? 'refused' : 'failed',
      cause: new IdentityProviderFailed(cause),
    };
  }
}

/**
 * Returns the address that signs the user out at the identity provider too and comes back to `/login`.
 *
 * @param idToken - The session's id token, so that the provider need not ask
 * @returns The URL, or null when the provider offers no end-session endpoint or `AUTH_OIDC_END_SESSION` is off
 * @throws When the provider cannot be discovered
 * @see https://openid.net/specs/openid-connect-rpinitiated-1_0.html
 */
export async function endSessionUrl(idToken: string): Promise<string | null> {
  const configuration = await provider();
  if (!env().AUTH_OIDC_END_SESSION || !configuration.serverMetadata().end_session_endpoint) return null;
  const post_logout_redirect_uri = `${env().AUTH_URL}/login`;
  return buildEndSessionUrl(configuration, { id_token_hint: idToken, post_logout_redirect_uri }).href;
}

/**
 * Returns how the identity provider spells its name in tokens, and where it publishes the keys it signs with.
 *
 * @throws When the provider cannot be discovered, or names no such address
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 */
export async function providerSigning(): Promise<{ issuer: string; keysUrl: URL }> {
  const { issuer, jwks_uri } = (await provider()).serverMetadata();
  if (!jwks_uri) throw new Error('The identity provider names no jwks_uri.');
  return { issuer, keysUrl: new URL(jwks_uri) };
}
