/** Gives an upstream client its access token, and a newer one when the upstream rejects it. */
export interface TokenSource {
  /** Identifies the credentials: callers with the same name send the same ones and may share answers. */
  readonly name: string;
  /** Returns the access token to send, or null to call without one. */
  accessToken(): Promise<string | null>;
  /**
   * Called when the upstream rejected the token. Returns a newer one to retry with, or null to retry without one; throws
   * to fail the call.
   */
  afterRejection(rejected: string): Promise<string | null>;
  /** Called when the upstream rejected the newer token too. Throws to fail the call. */
  afterSecondRejection(): Promise<void>;
  /** When the access token should be replaced, ms since the epoch; null when it never is, or there is none. */
  dueAt(): number | null;
}

/** The token source of public procedures: there is no token. */
export const withoutToken: TokenSource = {
  name: 'nobody',
  dueAt: () => null,
  accessToken: async () => null,
  afterRejection: async () => null,
  afterSecondRejection: async () => {},
};
