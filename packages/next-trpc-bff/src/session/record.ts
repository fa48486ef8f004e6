/** The tokens that the issuer gave for a user. They never leave the server. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
  /** When the access token expires, ms since the epoch; null when the provider did not say. */
  readonly expiresAt: number | null;
  /** When to renew it, ms since the epoch: somewhat before it expires; null as above. */
  readonly renewAt: number | null;
}

/** Who the user is, as shown on pages. */
export interface Profile {
  readonly name: string | null;
  readonly email: string | null;
  readonly picture: string | null;
}

/** Why a session ended before its deadlines. */
export type EndReason =
  | 'signed-out'
  | 'replaced'
  | 'revoked'
  | 'over-limit'
  | 'back-channel'
  | 'upstream-401'
  | 'refresh-rejected';

/** A session as the store keeps it. Times are ms since the epoch. */
export interface SessionRecord {
  /** SHA-256 of the session token in the cookie, base64url: the token itself is not in the store. */
  readonly key: string;
  /** Random id for lists of sessions; it gives no access. */
  readonly publicId: string;
  readonly subject: string;
  readonly issuer: string;
  /** The provider's own session id (`sid` claim), for back-channel logout. */
  readonly providerSid: string | null;
  readonly profile: Profile;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly idleDeadline: number;
  readonly absoluteDeadline: number;
  readonly endedAt: number | null;
  readonly endReason: EndReason | null;
  /** Grows by one each time tokens are saved: a reader with a smaller number has older tokens. */
  readonly tokenVersion: number;
  /** {@link Tokens}, encrypted; empty once the session ended. */
  readonly sealedTokens: string;
}
