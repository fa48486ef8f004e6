/** The header by which our link says that it, and no form or image of another site, made the request. */
export const LINK_HEADER = 'x-trpc-source';

/** The response header in which mutations name the queries that are stale now. */
export const STALE_QUERIES_HEADER = 'x-stale-queries';

/** The header that carries the other fields of an input whose file is the body: JSON, percent-encoded. */
export const FIELDS_HEADER = 'x-trpc-fields';

/** The request header in which the proxy tells Server Components their own path and query. */
export const CURRENT_PATH_HEADER = 'x-current-path';

/** The header of a call that the user did not ask for: it does not count as use of the session. */
export const BACKGROUND_HEADER = 'x-background';

/** The `retryAfter` of an upload that met a token which had to be renewed: only the client that has the file can send it again. */
export const SEND_AGAIN = '0';

/** What the client link keeps to and the endpoint accepts: the same numbers in browser and server. */
export const WIRE_LIMITS = {
  /** Calls in one HTTP request. */
  batchSize: 20,
  /** Length of a request's path and query, characters. */
  urlLength: 8_192,
  /** Length of an event's id as it stands in an address, characters: there subscribers give it back. */
  eventIdLength: 1_024,
} as const;
