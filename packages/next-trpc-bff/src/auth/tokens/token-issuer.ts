import { env } from '../../runtime/process.js';
import type { SessionRecord, Tokens } from '../../session/record.js';
import type { RefreshAnswer, RevocationAnswer } from './issuer-answers.js';
import { endSessionUrl, redeemRefreshToken, revokeTokens } from './oidc.js';
import { redeemAtUpstream, revokeAtUpstream } from './own-login.js';

/** Whoever issued a session's tokens, and alone may see them again. */
export interface TokenIssuer {
  /** Redeems a refresh token; what is missing in the answer stays as in `previous`. Never throws. */
  redeem(refreshToken: string, previous: Tokens): Promise<RefreshAnswer>;
  /** Makes tokens worthless. Never throws. */
  revoke(tokens: Tokens): Promise<RevocationAnswer>;
  /** Returns where the browser signs out there too, or null when there is no such page. */
  endSessionUrl(tokens: Tokens): Promise<string | null>;
}

const identityProvider: TokenIssuer = {
  redeem: redeemRefreshToken,
  revoke: revokeTokens,
  endSessionUrl: async ({ idToken }) => (idToken ? endSessionUrl(idToken) : null),
};

const upstream: TokenIssuer = {
  redeem: redeemAtUpstream,
  revoke: revokeAtUpstream,
  endSessionUrl: async () => null,
};

/** The configuration has changed since the sign-in: nobody else gets the tokens, and they last as long as they last. */
const nobody: TokenIssuer = {
  redeem: async () => ({ kind: 'rejected' }),
  revoke: async () => ({ kind: 'confirmed' }),
  endSessionUrl: async () => null,
};

/**
 * Returns whom to ask about a session's tokens: the identity provider, or the API where the user signed in with
 * its own password. The only place that tells the two kinds of session apart.
 */
export function tokenIssuerOf({ issuer }: Pick<SessionRecord, 'issuer'>): TokenIssuer {
  const { UPSTREAM_LOGIN_PATH, UPSTREAM_URL, oidc } = env();
  if (UPSTREAM_LOGIN_PATH !== undefined && issuer === UPSTREAM_URL) return upstream;
  return issuer === oidc?.AUTH_OIDC_ISSUER ? identityProvider : nobody;
}
