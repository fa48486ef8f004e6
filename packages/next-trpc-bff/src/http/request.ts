import { randomUUID } from 'node:crypto';
import { env } from '../runtime/process.js';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const REQUEST_ID = /^[\w-]{8,64}$/;

/** Where a request comes from, by its own headers. */
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

/** Returns the id that the proxy or the handler gave a request, or a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  return given && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Returns the headers that pass from the browser's request to the upstream's, an allow-list: request id, W3C trace
 * context, and the client's address as reported by the proxies that `TRUST_PROXY_HOPS` trusts.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function tracingHeaders(headers: Headers, requestId: string): Record<string, string> {
  const traceparent = headers.get('traceparent');
  const client = clientAddress(headers);
  return {
    'x-request-id': requestId,
    ...(traceparent && TRACEPARENT.test(traceparent) && { traceparent }),
    ...(client && { 'x-forwarded-for': client }),
  };
}

/** The address our own proxies saw: counted from the right, since everything further left was sent by the client. */
function clientAddress(headers: Headers): string | undefined {
  const hops = env().TRUST_PROXY_HOPS;
  return hops === 0 ? undefined : headers.get('x-forwarded-for')?.split(',').at(-hops)?.trim();
}
