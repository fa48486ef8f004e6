/** Where an upstream client gets the access token from, and whom it asks when the upstream rejects one. */
export interface TokenSource {
  /** Names the credentials: whoever shares this name sends the same, and may see the same answers. */
  readonly name: string;
  /** Returns the access token to send, or null to call without one. */
  accessToken(): Promise<string | null>;
  /** The upstream rejected the token: returns a newer one to try once more, or null to go on without. Throws when the call cannot go on. */
  afterRejection(rejected: string): Promise<string | null>;
  /** The upstream rejected the newer one as well. Throws when the call cannot go on. */
  afterSecondRejection(): Promise<void>;
  /** When the access token should be replaced, ms since the epoch; null when it never is, or there is none. */
  dueAt(): number | null;
}

/** Calls without a token, for public procedures. */
export const withoutToken: TokenSource = {
  name: 'nobody',
  dueAt: () => null,
  accessToken: async () => null,
  afterRejection: async () => null,
  afterSecondRejection: async () => {},
};
