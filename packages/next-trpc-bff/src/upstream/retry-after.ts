const SECONDS = /^\d{1,9}$/;
const DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Returns a `Retry-After` header as the upstream sent it; null when there is none, or it is neither seconds nor a
 * date: any other text of an upstream's stays here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export const retryAfterIn = (header: string | null): string | null =>
  header !== null && (SECONDS.test(header) || (DATE.test(header) && !Number.isNaN(Date.parse(header))))
    ? header
    : null;

/** Returns how long a `Retry-After` of {@link retryAfterIn} is, ms. */
export const waitOf = (retryAfter: string): number =>
  SECONDS.test(retryAfter) ? Number(retryAfter) * 1_000 : Math.max(Date.parse(retryAfter) - Date.now(), 0);
