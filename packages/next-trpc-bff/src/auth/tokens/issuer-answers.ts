import type { Profile, Tokens } from '../../session/record.js';

/** How long whoever issued a session's tokens may take for an answer, ms. Shorter than the refresh lease. */
export const ISSUER_TIMEOUT_MS = 5_000;

/** Tokens are renewed this long before they expire, ms; short-lived ones after four fifths of their life. */
const REFRESH_SKEW_MS = 30_000;

/** What a completed sign-in says about the user. */
export interface SignIn {
  readonly subject: string;
  readonly issuer: string;
  readonly providerSid: string | null;
  readonly profile: Profile;
  readonly tokens: Tokens;
}

/** What the issuer said to a refresh token. */
export type RefreshAnswer =
  | { readonly kind: 'granted'; readonly tokens: Tokens; readonly subject: string | null }
  /** This refresh token is finished, the user must sign in again. */
  | { readonly kind: 'rejected' }
  /**
   * Anything else: the operator's mistake, an outage, a timeout. Says nothing about the user.
   * `uncertain` when the issuer may have redeemed the refresh token all the same.
   */
  | { readonly kind: 'failed'; readonly cause: unknown; readonly refreshToken: 'unused' | 'uncertain' };

/** What the issuer said to a revocation. */
export type RevocationAnswer =
  | { readonly kind: 'confirmed' }
  /** It answered, but not with a confirmation. */
  | { readonly kind: 'refused'; readonly cause: unknown }
  /** It did not answer properly. */
  | { readonly kind: 'failed'; readonly cause: unknown };

/**
 * Returns when tokens that were just received expire and when to renew them, ms since the epoch.
 *
 * @param expiresIn - The token answer's `expires_in`, s; without it, and with 0, by which some say "never", the
 *   token counts as valid until the API says no
 */
export function lifetime(expiresIn: number | undefined): Pick<Tokens, 'expiresAt' | 'renewAt'> {
  if (!expiresIn) return { expiresAt: null, renewAt: null };
  const expiresAt = Date.now() + expiresIn * 1000;
  return { expiresAt, renewAt: expiresAt - Math.min(REFRESH_SKEW_MS, expiresIn * 200) };
}
