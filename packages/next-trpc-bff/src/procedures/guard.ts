import { TRPCError } from '@trpc/server';
import { originOf } from '../http/request.js';
import { LINK_HEADER, WIRE_LIMITS } from '../http/wire.js';
import { limits } from '../runtime/limits.js';
import { env } from '../runtime/process.js';
import { partCounter } from './form-parts.js';

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
  if (pathname.length + search.length > WIRE_LIMITS.urlLength)
    return refused(414, 'BAD_REQUEST', 'The address is too long: send a smaller batch.');
  const limit = bodyLimit(headers);
  if (Number(headers.get('content-length') ?? 0) > limit)
    return refused(413, 'PAYLOAD_TOO_LARGE', tooLarge(limit));
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

/** How much of a body is taken depends on whether it is held in memory. */
function bodyLimit(headers: Headers): number {
  if (isUpload(headers)) return env().UPLOAD_MAX_BYTES;
  const isForm = headers.get('content-type')?.startsWith('multipart/form-data') ?? false;
  return isForm ? limits().formBytes : limits().bodyBytes;
}

const isUpload = (headers: Headers) =>
  headers.get('content-type')?.startsWith('application/octet-stream') ?? false;

/**
 * Bounds the body of a request that does not say its length (chunked), and the parts of a form. What nobody reads of
 * it, or of an upload, is read and dropped: a browser that is still sending does not look at its answer.
 *
 * @returns The same request, whose body fails with PAYLOAD_TOO_LARGE past the limit
 */
export function bounded(request: Request): Request {
  const partsIn = partCounter(request.headers.get('content-type') ?? '');
  const isWhole = request.headers.has('content-length') && !isUpload(request.headers) && !partsIn;
  if (!request.body || isWhole) return request;
  const limit = bodyLimit(request.headers);
  const pieces = request.body.getReader();
  let bytes = 0;

  async function drop(): Promise<void> {
    for (let dropped = 0; dropped <= env().UPLOAD_MAX_BYTES && !request.signal.aborted; ) {
      const { done, value } = await pieces.read();
      if (done) return;
      dropped += value.byteLength;
    }
    await pieces.cancel();
  }

  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await pieces.read();
        if (done) return controller.close();
        bytes += value.byteLength;
        const hasTooManyParts = partsIn !== null && partsIn(value) > limits().formParts;
        if (bytes <= limit && !hasTooManyParts) return controller.enqueue(value);
        const message = hasTooManyParts ? `A form has at most ${limits().formParts} parts.` : tooLarge(limit);
        controller.error(new TRPCError({ code: 'PAYLOAD_TOO_LARGE', message }));
        drop().catch(ignoreDisconnect);
      },
      cancel() {
        drop().catch(ignoreDisconnect);
      },
    },
    { highWaterMark: 0 },
  );
  const { method, headers, signal, url } = request;
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' };
  return new Request(url, init);
}

/** Whoever was sending has gone: nobody waits for the answer. */
const ignoreDisconnect = () => {};

const tooLarge = (limit: number) => `A body of this kind has at most ${limit} bytes.`;

/** Refuses in tRPC's own shape, so that the client link reads it like any other error. */
const refusing = (requestId: string) => (httpStatus: number, code: TRPCError['code'], message: string) => {
  const error = { message, code: -32600, data: { code, httpStatus, requestId } };
  const headers = { 'cache-control': 'no-store', 'x-request-id': requestId };
  return Response.json({ error }, { status: httpStatus, headers });
};
