import { option } from './process.js';

/** What requests, upstream calls and subscriptions may take; see also `UPSTREAM_TIMEOUT_MS`, `UPSTREAM_CONCURRENCY` and `UPLOAD_MAX_BYTES`. */
export interface Limits {
  /** Size of a JSON body, bytes. */
  readonly bodyBytes: number;
  /** Size of a form with files (multipart/form-data), bytes: it is held in memory. Next cuts forms off at 10 MiB. */
  readonly formBytes: number;
  /** Parts of such a form. */
  readonly formParts: number;
  /** Size of an upstream answer that is read whole, bytes. */
  readonly answerBytes: number;
  /**
   * How often a GET or HEAD is sent again after a fault that may pass, unless its endpoint sets a number of its own.
   */
  readonly retries: number;
  /** Pause before a GET or HEAD is sent again, ms: doubled each time, and up to a half shorter or longer by chance. */
  readonly retryPauseMs: number;
  /** The longest `Retry-After` that is waited for, ms; with a longer one the answer is passed on. */
  readonly retryAfterMs: number;
  /** Upstream calls that may be queued, for each one that may be in flight. */
  readonly queuedPerCall: number;
  /** How long after its answer an identical GET of the same request is not sent again, ms. */
  readonly dedupeMs: number;
  /** How long a download waits for a browser that has stopped reading, ms. */
  readonly downloadPauseMs: number;
  /** Upstream event streams that one process may have open. */
  readonly eventStreams: number;
  /** Size of one event, characters. */
  readonly eventCharacters: number;
  /** Subscriptions that one session may have open in one process; tabs of a browser share theirs. */
  readonly subscriptionsPerSession: number;
}

/** The limits in force: these defaults, unless `configureBff({ limits })` sets others. */
export const limits = option<Limits>('limits', {
  bodyBytes: 1_048_576,
  formBytes: 8_388_608,
  formParts: 1_000,
  answerBytes: 10_485_760,
  retries: 2,
  retryPauseMs: 100,
  retryAfterMs: 2_000,
  queuedPerCall: 4,
  dedupeMs: 1_000,
  downloadPauseMs: 300_000,
  eventStreams: 10_000,
  eventCharacters: 1_048_576,
  subscriptionsPerSession: 128,
});

/** Limits for revoking tokens at their issuer, in one process. */
export const REVOCATION_LIMITS = {
  /** In flight at once for users who are signing out, and wait for it. */
  awaited: 8,
  /** In flight at once in the background, for sessions that ended in another way. */
  background: 4,
  /** Queued at once, of each kind. */
  waiting: 10_000,
  /** How long one stays queued, ms. */
  waitMs: 300_000,
  /** How long a process that stops waits for them, ms. */
  stopMs: 3_000,
} as const;
