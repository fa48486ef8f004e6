import type { EndReason, SessionRecord } from './record.js';

/**
 * An answer to the wish to renew: `taken`; `inherited`, taken from a holder whose time ran out, who may have
 * redeemed the refresh token before it died; `refused`, while another one holds it, or when the session has ended
 * or its tokens are newer.
 */
export type Lease = 'taken' | 'inherited' | 'refused';

/**
 * How long a record outlives the earlier of its deadlines, ms, so that `/login` can still say why it is over, and clocks
 * may differ.
 */
export const GRACE_MS = 10 * 60 * 1000;

/**
 * Where sessions are kept. A driver implements this in one file and passes `tests/support/store-contract.ts`.
 * Absence is `null` or `false`; every method rejects with {@link SessionStoreUnavailable} when the store does not answer.
 */
export interface SessionStore {
  /** Inserts a new session. Only sign-in calls this. */
  create(record: SessionRecord): Promise<void>;
  /** Returns the record, ended or past its deadlines too, or null. */
  read(key: string): Promise<SessionRecord | null>;
  /** Moves `seenAt` and `idleDeadline` (ms since the epoch) of a session that has not ended. Never inserts. Returns whether there was one. */
  touch(key: string, seenAt: number, idleDeadline: number): Promise<boolean>;
  /** Replaces the sealed tokens where the session has not ended and still is at `expectedVersion`; the version grows by one. Returns whether it did. */
  saveTokens(key: string, expectedVersion: number, sealedTokens: string): Promise<boolean>;
  /**
   * Ends a session and forgets its tokens; where `tokenVersion` is given, only one that still is at it. Returns
   * whether this call ended it: false when absent, ended before or renewed since.
   */
  endRecord(key: string, reason: EndReason, endedAt: number, tokenVersion?: number): Promise<boolean>;
  /** Returns the sessions of a user that have not ended, newest first. */
  listBySubject(issuer: string, subject: string): Promise<SessionRecord[]>;
  /** Ends all sessions of a user that have not ended. Returns how many. */
  endBySubject(issuer: string, subject: string, reason: EndReason, endedAt: number): Promise<number>;
  /** Ends all sessions that began in one session at the provider (`sid` claim). Returns how many. */
  endByProviderSid(issuer: string, providerSid: string, reason: EndReason, endedAt: number): Promise<number>;
  /**
   * Takes the right to renew a session's tokens, for `leaseMs`, where the session has not ended, still is at
   * `tokenVersion`, and nobody else holds that right. Saving tokens gives it back.
   */
  takeRefreshLease(key: string, tokenVersion: number, holder: string, leaseMs: number): Promise<Lease>;
  /**
   * Gives the right back early; does nothing for anybody but its holder. `uncertain` says that the refresh token
   * may have been redeemed: the next one inherits.
   */
  releaseRefreshLease(key: string, holder: string, refreshToken: 'unused' | 'uncertain'): Promise<void>;
  /** Returns whether a name is remembered. */
  hasSeen(name: string): Promise<boolean>;
  /** Remembers a name until `until` (ms since the epoch). Returns false when it was remembered already. */
  markSeen(name: string, expiresAt: number): Promise<boolean>;
  /**
   * Deletes a few of the sessions whose earlier deadline is more than {@link GRACE_MS} before `now` (ms since the
   * epoch), and of what is remembered no longer: so few that other calls need not wait. Returns how many: 0 when none
   * is left, and where the store lets them expire by itself.
   */
  sweep(now: number): Promise<number>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
  /** Lets go of the connection. */
  close(): Promise<void>;
}

const UNAVAILABLE = 'SESSION_STORE_UNAVAILABLE';

/** The store did not answer. Says nothing about the session: neither live nor dead. */
export class SessionStoreUnavailable extends Error {
  override readonly name = 'SessionStoreUnavailable';
  readonly code = UNAVAILABLE;

  /** @param operation - The store method that failed, e.g. `'read'` */
  constructor(operation: string, cause: unknown) {
    super(`The session store did not answer (${operation}).`, { cause });
  }
}

/**
 * Returns whether an error is a {@link SessionStoreUnavailable}. Asks for the code and not for the class: Next
 * bundles the class several times, and the one store of the process throws one of them.
 */
export const isSessionStoreUnavailable = (error: unknown): error is SessionStoreUnavailable =>
  error instanceof Error && 'code' in error && error.code === UNAVAILABLE;
