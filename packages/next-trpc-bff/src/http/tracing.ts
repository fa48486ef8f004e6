import { randomUUID } from 'node:crypto';
import { env } from '../runtime/env.js';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const REQUEST_ID = /^[\w-]{8,64}$/;

/** Returns the id that the proxy or the handler gave a request, or a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  return given && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Returns the headers that pass from the browser's request to the upstream's, an allow-list: request id, W3C trace
 * context, and the client's address as far as `TRUST_PROXY_HOPS` says who is believed.
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
