import type { EndReason, SessionRecord } from './record.js';

/**
 * The result of asking for the refresh lease: `taken`; `inherited`, from a holder whose lease ran out and who may have
 * redeemed the refresh token before it died; `refused`, while another process holds it, or when the session has ended
 * or its tokens are newer.
 */
export type Lease = 'taken' | 'inherited' | 'refused';

/**
 * How long a record outlives the earlier of its deadlines, ms, so that `/login` can still show why it ended, and clocks
 * may differ.
 */
export const GRACE_MS = 10 * 60 * 1000;

/** What users and clients are told while the store does not answer. */
export const SESSIONS_UNREADABLE = 'Sessions cannot be read right now.';

/**
 * The session store. A driver implements this interface and passes `tests/support/store-contract.ts`. Absence is `null`
 * or `false`; every method rejects with {@link SessionStoreUnavailable} when the store does not answer.
 */
export interface SessionStore {
  /** Inserts a new session. Only sign-in calls this. */
  create(record: SessionRecord): Promise<void>;
  /** Returns the record, ended or past its deadlines too, or null. */
  read(key: string): Promise<SessionRecord | null>;
  /** Moves `seenAt` and `idleDeadline` (ms since the epoch) of a session that has not ended. Never inserts. Returns whether there was one. */
  touch(key: string, seenAt: number, idleDeadline: number): Promise<boolean>;
  /**
   * Replaces the sealed tokens if the session has not ended and its token version is still `expectedVersion`; the
   * version grows by one. Returns whether it did.
   */
  saveTokens(key: string, expectedVersion: number, sealedTokens: string): Promise<boolean>;
  /**
   * Ends a session and deletes its tokens; with `tokenVersion` only if that is still its token version. Returns whether
   * this call ended it: false when absent, ended before or renewed since.
   */
  endRecord(key: string, reason: EndReason, endedAt: number, tokenVersion?: number): Promise<boolean>;
  /** Returns the sessions of a user that have not ended, newest first. */
  listBySubject(issuer: string, subject: string): Promise<SessionRecord[]>;
  /** Ends all sessions of a user that have not ended. Returns how many. */
  endBySubject(issuer: string, subject: string, reason: EndReason, endedAt: number): Promise<number>;
  /** Ends all sessions of one session at the provider (`sid` claim). Returns how many. */
  endByProviderSid(issuer: string, providerSid: string, reason: EndReason, endedAt: number): Promise<number>;
  /**
   * Takes the refresh lease of a session for `leaseMs`, if the session has not ended, its token version is still
   * `tokenVersion`, and no other process holds the lease. Saving tokens releases it.
   */
  takeRefreshLease(key: string, tokenVersion: number, holder: string, leaseMs: number): Promise<Lease>;
  /**
   * Releases the lease early; has no effect unless `holder` holds it. `uncertain` means that the refresh token may have
   * been redeemed: the next holder gets `inherited`.
   */
  releaseRefreshLease(key: string, holder: string, refreshToken: 'unused' | 'uncertain'): Promise<void>;
  /** Returns whether a name was marked as seen and has not expired. */
  hasSeen(name: string): Promise<boolean>;
  /** Marks a name as seen until `expiresAt` (ms since the epoch). Returns false when it was marked before. */
  markSeen(name: string, expiresAt: number): Promise<boolean>;
  /**
   * Deletes a few of the sessions whose earlier deadline is more than {@link GRACE_MS} before `now` (ms since the
   * epoch), and a few expired names: so few that other calls need not wait. Returns how many: 0 when none is left, and
   * in a store whose records expire by themselves.
   */
  sweep(now: number): Promise<number>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** Closes the connection. */
  close(): Promise<void>;
}

/** What a store was asked when it failed: one of its methods, or its opening. */
export type StoreOperation = keyof SessionStore | 'open';

const UNAVAILABLE = 'SESSION_STORE_UNAVAILABLE';

/** The store did not answer, so the session is neither known to be live nor to be dead. */
export class SessionStoreUnavailable extends Error {
  override readonly name = 'SessionStoreUnavailable';
  readonly code = UNAVAILABLE;

  /** @param operation - What failed, e.g. `'read'` */
  constructor(operation: StoreOperation, cause: unknown) {
    super(`The session store did not answer (${operation}).`, { cause });
  }
}

/**
 * Returns whether an error is a {@link SessionStoreUnavailable}. Compares the code and not the class: Next bundles the
 * class several times, and the one store of the process throws one of them.
 */
export const isSessionStoreUnavailable = (error: unknown): error is SessionStoreUnavailable =>
  error instanceof Error && 'code' in error && error.code === UNAVAILABLE;
