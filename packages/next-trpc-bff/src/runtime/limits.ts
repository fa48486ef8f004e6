/** The sizes that the tRPC endpoint accepts, and the client link keeps to; for uploads see `UPLOAD_MAX_BYTES`. */
export const LIMITS = {
  /** Calls in one HTTP request. */
  batchSize: 20,
  /** Length of a request's path and query, characters. */
  urlLength: 8_192,
  /** Size of a JSON body, bytes. */
  bodyBytes: 1_048_576,
  /** Size of a form with files (multipart/form-data), bytes: it is held in memory. Next cuts forms off at 10 MiB. */
  formBytes: 8_388_608,
  /** Parts of such a form. */
  formParts: 1_000,
} as const;

/** What one call of the upstream may take; how long is `UPSTREAM_TIMEOUT_MS`, how many at once `UPSTREAM_CONCURRENCY`. */
export const UPSTREAM_LIMITS = {
  /** Size of an answer that is read whole, bytes. */
  answerBytes: 10_485_760,
  /** How often a GET or HEAD is sent again after a fault that may pass, where its endpoint does not say. */
  retries: 2,
  /** Pause before a GET or HEAD is sent again, ms: doubled each time, and up to a half shorter or longer by chance. */
  retryPauseMs: 100,
  /** The longest `Retry-After` that is waited for, ms; with a longer one the answer is passed on. */
  retryAfterMs: 2_000,
  /** Calls that may wait, for each one that may be under way. */
  waitingPerPlace: 4,
  /** How long after its answer an identical GET of the same request is not sent again, ms. */
  sharedMs: 1_000,
  /** How long a download may wait for a browser that does not take it, ms. */
  downloadPauseMs: 300_000,
  /** Streams of events that one process may have open. */
  eventStreams: 10_000,
  /** Size of one event, characters. */
  eventCharacters: 1_048_576,
} as const;

/** What revoking tokens at whoever issued them may take, in one process. */
export const REVOCATION_LIMITS = {
  /** Under way at once for users who sign out, and wait for it. */
  awaited: 8,
  /** Under way at once for sessions that others ended. */
  background: 4,
  /** Of each kind, those that may wait for their turn. */
  waiting: 10_000,
  /** How long one waits for its turn, ms. */
  waitMs: 300_000,
  /** How long a process that stops waits for them, ms. */
  stopMs: 3_000,
} as const;

/** Length of an event's id as it stands in an address, characters: there subscribers give it back. */
export const EVENT_ID_CHARACTERS = 1_024;

/** Subscriptions that one session may have open in one process; tabs of a browser share theirs. */
export const SUBSCRIPTIONS_PER_SESSION = 128;

/** The header by which our link says that it, and no form or image of another site, made the request. */
export const LINK_HEADER = 'x-trpc-source';

/** The response header in which mutations name the queries that are stale now. */
export const STALE_QUERIES_HEADER = 'x-stale-queries';

/** The header that carries the other fields of an input whose file is the body: JSON, percent-encoded. */
export const FIELDS_HEADER = 'x-trpc-fields';

/** The request header in which `proxy.ts` tells Server Components their own path and query. */
export const CURRENT_PATH_HEADER = 'x-current-path';

/** The header of a call that nobody asked for: it does not count as use of the session. */
export const BACKGROUND_HEADER = 'x-background';

/** The `retryAfter` of an upload that met a token which had to be renewed: only who has the file can send it again. */
export const SEND_AGAIN = '0';
