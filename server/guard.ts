import { TRPCError } from '@trpc/server';
import { LIMITS, LINK_HEADER } from './limits';
import { originOf } from './same-origin';

/**
 * Refuses what must not reach any procedure: other sites (for queries too), other methods, oversized requests.
 *
 * @param request - A request to the tRPC endpoint
 * @param requestId - What to find it by in the log
 * @returns The refusal, or null when the request may pass
 */
export function refusal(request: Request, requestId: string): Response | null {
  const refused = refusing(requestId);
  const { method, headers, url } = request;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return refused(405, 'METHOD_NOT_SUPPORTED', 'Use GET or POST.');
  if (!isAllowedOrigin(request))
    return refused(403, 'FORBIDDEN', 'Only pages of this application may call it.');
  const { pathname, search } = new URL(url);
  if (!isDecodable(pathname)) return refused(400, 'BAD_REQUEST', 'The address is not well-formed.');
  if (pathname.length + search.length > LIMITS.urlLength)
    return refused(414, 'BAD_REQUEST', 'The address is too long: send a smaller batch.');
  if (Number(headers.get('content-length') ?? 0) > LIMITS.bodyBytes)
    return refused(413, 'PAYLOAD_TOO_LARGE', `A body has at most ${LIMITS.bodyBytes} bytes.`);
  return null;
}

function isDecodable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

function isAllowedOrigin({ method, headers }: Request): boolean {
  const origin = originOf(headers);
  if (origin === 'same-origin') return true;
  // A person who types a query's address: no other site can make a browser say `none`.
  if (method !== 'POST') return origin === 'unsaid' || headers.get('sec-fetch-site') === 'none';
  const isJson = headers.get('content-type')?.startsWith('application/json') ?? false;
  return origin === 'unsaid' && isJson && headers.has(LINK_HEADER);
}

/**
 * Bounds the body of a request that does not say its length (chunked).
 *
 * @returns The same request, whose body fails with PAYLOAD_TOO_LARGE past the limit
 */
export function bounded(request: Request): Request {
  if (!request.body || request.headers.has('content-length')) return request;
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > LIMITS.bodyBytes)
        throw new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message: 'The body is too large.' });
      controller.enqueue(chunk);
    },
  });
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method,
    headers: request.headers,
    body: request.body.pipeThrough(count),
    signal: request.signal,
    duplex: 'half',
  };
  return new Request(request.url, init);
}

/** Refuses in tRPC's own shape, so that the client link reads it like any other error. */
const refusing = (requestId: string) => (httpStatus: number, code: TRPCError['code'], message: string) => {
  const error = { message, code: -32600, data: { code, httpStatus, requestId } };
  const headers = { 'cache-control': 'no-store', 'x-request-id': requestId };
  return Response.json({ error }, { status: httpStatus, headers });
};
