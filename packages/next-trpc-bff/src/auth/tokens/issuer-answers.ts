import type { Profile, Tokens } from '../../session/record.js';

/** Timeout for an answer of a session's issuer, ms. Shorter than the refresh lease. */
export const ISSUER_TIMEOUT_MS = 5_000;

/** Tokens are renewed this long before they expire, ms; short-lived ones after four fifths of their life. */
const REFRESH_SKEW_MS = 30_000;

/** The user and the tokens of a completed sign-in. */
export interface SignIn {
  readonly subject: string;
  readonly issuer: string;
  readonly providerSid: string | null;
  readonly profile: Profile;
  readonly tokens: Tokens;
}

/** An issuer's answer to a refresh token. */
export type RefreshAnswer =
  | { readonly kind: 'granted'; readonly tokens: Tokens; readonly subject: string | null }
  /** The refresh token is no longer valid: the user must sign in again. */
  | { readonly kind: 'rejected'; readonly cause?: unknown }
  /**
   * Anything else. The session may still be valid: `ours` is a wrong configuration, `passing` an outage or a timeout,
   * `unknown` a refusal in words that nobody knows. `uncertain` when the issuer may have redeemed the refresh token.
   */
  | {
      readonly kind: 'failed';
      readonly meaning: 'ours' | 'passing' | 'unknown';
      readonly cause: unknown;
      readonly refreshToken: 'unused' | 'uncertain';
    };

/** An issuer's answer to a revocation. */
export type RevocationAnswer =
  | { readonly kind: 'confirmed' }
  /** It answered, but not with a confirmation. */
  | { readonly kind: 'refused'; readonly cause: unknown }
  /** It did not answer properly. */
  | { readonly kind: 'failed'; readonly cause: unknown };

/**
 * Returns when tokens that were just received expire and when to renew them, ms since the epoch.
 *
 * @param expiresIn - The token answer's `expires_in`, s; without it, and with 0, which some send for "never", the token
 *   counts as valid until the API rejects it
 */
export function lifetime(expiresIn: number | undefined): Pick<Tokens, 'expiresAt' | 'renewAt'> {
  if (!expiresIn) return { expiresAt: null, renewAt: null };
  const expiresAt = Date.now() + expiresIn * 1000;
  return { expiresAt, renewAt: expiresAt - Math.min(REFRESH_SKEW_MS, expiresIn * 200) };
}
