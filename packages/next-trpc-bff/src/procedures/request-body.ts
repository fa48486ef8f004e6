import { MIMEType } from 'node:util';
import { TRPCError } from '@trpc/server';
import { limits } from '../runtime/limits.js';
import { env } from '../runtime/process.js';

/** Of a form's boundary, characters. @see https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
const LONGEST_BOUNDARY = 70;

/** Returns how large a request's body may be, bytes: it depends on whether it is held in memory. */
export function bodyLimit(headers: Headers): number {
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
 * @param request - The request
 * @param given - Its body, unread
 * @returns The same request, whose body fails with PAYLOAD_TOO_LARGE past the limit
 */
export function bounded(request: Request, given: ReadableStream<Uint8Array<ArrayBuffer>>): Request {
  const partsIn = partCounter(request.headers.get('content-type') ?? '');
  const isWhole = request.headers.has('content-length') && !isUpload(request.headers) && !partsIn;
  if (isWhole) return request;
  const limit = bodyLimit(request.headers);
  const pieces = given.getReader();
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

/** Returns what to say of a body above the limit. */
export const tooLarge = (limit: number): string => `A body of this kind has at most ${limit} bytes.`;

/**
 * Counts the parts of a form while it arrives: whoever parses it does so at once, and a hundred thousand empty parts
 * would hold up everybody else for seconds.
 *
 * @param contentType - The request's
 * @returns Takes the next piece of the body and returns how many parts there were so far; null for what is no form
 * @see https://www.rfc-editor.org/rfc/rfc7578#section-4.1
 */
function partCounter(contentType: string): ((piece: Uint8Array) => number) | null {
  const boundary = boundaryIn(contentType);
  if (boundary === null) return null;
  if (boundary.length > LONGEST_BOUNDARY) return () => Number.POSITIVE_INFINITY;
  const mark = Buffer.from(`--${boundary}`);
  let rest = Buffer.alloc(0);
  let count = 0;
  return (piece) => {
    const text = Buffer.concat([rest, piece]);
    let from = 0;
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, from)) {
      count += 1;
      from = at + mark.length;
    }
    // A mark may come in two pieces.
    rest = text.subarray(Math.max(from, text.length - mark.length + 1));
    return count;
  };
}

/** Read as undici reads it, which will take the form apart: the first of several, without its quotes. */
function boundaryIn(contentType: string): string | null {
  // Nearly all requests are none, and to read a type that is empty throws.
  if (!/^multipart\/form-data/i.test(contentType)) return null;
  try {
    const { essence, params } = new MIMEType(contentType);
    return essence === 'multipart/form-data' ? params.get('boundary') : null;
  } catch {
    return null;
  }
}
