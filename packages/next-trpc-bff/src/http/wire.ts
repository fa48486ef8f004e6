/** The header that shows that our client link made the request: a form or an image of another site cannot send it. */
export const LINK_HEADER = 'x-trpc-source';

/** The response header in which mutations name the queries that are stale now. */
export const STALE_QUERIES_HEADER = 'x-stale-queries';

/** The header that carries the other fields of an input whose file is the body: JSON, percent-encoded. */
export const FIELDS_HEADER = 'x-trpc-fields';

/** The request header in which the proxy tells Server Components their own path and query. */
export const CURRENT_PATH_HEADER = 'x-current-path';

/** The header of a call that the user did not ask for: it does not count as use of the session. */
export const BACKGROUND_HEADER = 'x-background';

/**
 * The `retryAfter` of an upload whose token was rejected and renewed on the way: only the client has the file to send
 * it again.
 */
export const SEND_AGAIN = '0';

/** Limits that the client link keeps and the endpoint enforces: the same numbers in browser and server. */
export const WIRE_LIMITS = {
  /** Calls in one HTTP request. */
  batchSize: 20,
  /** Length of a request's path and query, characters. */
  urlLength: 8_192,
  /** Length of an event's id as it is written in an address, characters: subscribers send it back there. */
  eventIdLength: 1_024,
} as const;
