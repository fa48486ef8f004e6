import { MIMEType } from 'node:util';
import { TRPCError } from '@trpc/server';
import { limits } from '../runtime/limits.js';
import { env } from '../runtime/process.js';

/** Longest boundary of a form, characters. @see https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
const LONGEST_BOUNDARY = 70;

/** Returns the size limit of a request's body, bytes, which depends on whether it is held in memory. */
export function bodyLimit(headers: Headers): number {
  if (isUpload(headers)) return env().UPLOAD_MAX_BYTES;
  const isForm = headers.get('content-type')?.startsWith('multipart/form-data') ?? false;
  return isForm ? limits().formBytes : limits().bodyBytes;
}

const isUpload = (headers: Headers) =>
  headers.get('content-type')?.startsWith('application/octet-stream') ?? false;

/**
 * Limits the body of a request without `content-length` (chunked), and the parts of a form. Bytes that no procedure
 * reads are read and dropped: a browser does not read the response while it is still sending.
 *
 * @param request - The request
 * @param given - Its body, unread
 * @returns The same request; reading its body past the limit fails with PAYLOAD_TOO_LARGE
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

/** The client that was sending has disconnected, so the error concerns no one. */
const ignoreDisconnect = () => {};

/** Returns the message about a body above the limit. */
export const tooLarge = (limit: number): string => `A body of this kind has at most ${limit} bytes.`;

/**
 * Counts the parts of a form while it arrives. A form is parsed in one go, and a hundred thousand empty parts would
 * block the event loop for seconds.
 *
 * @param contentType - The request's
 * @returns Takes the next chunk of the body and returns the number of parts so far; null when it is not a form
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
    // A boundary may be split across two chunks.
    rest = text.subarray(Math.max(from, text.length - mark.length + 1));
    return count;
  };
}

/** Parsed as undici does, which will parse the form: the first of several, without quotes. */
function boundaryIn(contentType: string): string | null {
  // Almost no request is a form, and MIMEType throws for an empty type.
  if (!/^multipart\/form-data/i.test(contentType)) return null;
  try {
    const { essence, params } = new MIMEType(contentType);
    return essence === 'multipart/form-data' ? params.get('boundary') : null;
  } catch {
    return null;
  }
}
