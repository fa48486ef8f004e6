import { env } from '../../runtime/process.js';
import type { SessionRecord, Tokens } from '../../session/record.js';
import type { RefreshAnswer, RevocationAnswer } from './issuer-answers.js';
import { endSessionUrl, redeemRefreshToken, revokeTokens } from './oidc.js';
import { redeemAtUpstream, revokeAtUpstream } from './own-login.js';

/** The issuer of a session's tokens, to which alone they may be sent. */
export interface TokenIssuer {
  /** Redeems a refresh token; what the answer does not have is kept from `previous`. Never throws. */
  redeem(refreshToken: string, previous: Tokens): Promise<RefreshAnswer>;
  /** Revokes tokens. Never throws. */
  revoke(tokens: Tokens): Promise<RevocationAnswer>;
  /** Returns the issuer's end-session address, or null when it has none. */
  endSessionUrl(tokens: Tokens): Promise<string | null>;
}

const identityProvider: TokenIssuer = {
  redeem: redeemRefreshToken,
  revoke: revokeTokens,
  endSessionUrl: ({ idToken }) => endSessionUrl(idToken),
};

const upstream: TokenIssuer = {
  redeem: redeemAtUpstream,
  revoke: revokeAtUpstream,
  endSessionUrl: async () => null,
};

/** For an issuer that is no longer configured: its tokens are sent to no other one, and are used until they expire. */
const nobody: TokenIssuer = {
  redeem: async () => ({ kind: 'rejected' }),
  revoke: async () => ({ kind: 'confirmed' }),
  endSessionUrl: async () => null,
};

/**
 * Returns the issuer of a session's tokens: the identity provider, or the API where the user signed in with its own
 * login. The only place that distinguishes the two kinds of session.
 */
export function tokenIssuerOf({ issuer }: Pick<SessionRecord, 'issuer'>): TokenIssuer {
  const { UPSTREAM_LOGIN_PATH, UPSTREAM_URL, oidc } = env();
  if (UPSTREAM_LOGIN_PATH !== undefined && issuer === UPSTREAM_URL) return upstream;
  return issuer === oidc?.AUTH_OIDC_ISSUER ? identityProvider : nobody;
}
