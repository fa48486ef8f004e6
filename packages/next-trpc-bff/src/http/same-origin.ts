import { env } from '../runtime/env.js';

/** Where a request says it comes from. */
export type RequestOrigin = 'same-origin' | 'elsewhere' | 'unsaid';

/**
 * Tells whether one of our own pages made a request. `Sec-Fetch-Site` decides where a browser sends it; `Origin`
 * where it does not (http beyond loopback, older browsers). A script outside a browser sends neither.
 *
 * @param headers - The request's headers
 * @returns `elsewhere` for other sites and for sibling hosts of the same site too
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
export function originOf(headers: Headers): RequestOrigin {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' ? 'same-origin' : 'elsewhere';
  const origin = headers.get('origin');
  if (origin !== null) return origin === new URL(env().AUTH_URL).origin ? 'same-origin' : 'elsewhere';
  return 'unsaid';
}
