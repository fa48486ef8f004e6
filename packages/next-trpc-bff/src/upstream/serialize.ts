import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { TRPCError } from '@trpc/server';

/** Headers that frame or route a request, which the transport sets, and the browser's cookie. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Checks the headers that an endpoint sends; their values may come from the input.
 *
 * @param call - Method and path template, for the message
 * @param headers - Values by name, in any case
 * @returns The headers by lower-case name
 * @throws {TRPCError} BAD_REQUEST naming the header that cannot be sent, e.g. because its value has a line break
 */
export function headersFrom(call: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of entries) {
    if (RESERVED.has(name) || !isSendable(name, value)) {
      const message = `The header ${JSON.stringify(name)} of ${call} cannot be sent.`;
      throw new TRPCError({ code: 'BAD_REQUEST', message });
    }
  }
  return Object.fromEntries(entries);
}

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

const BYTES = 'application/octet-stream';

/** A body as it is sent. */
export interface SerializedBody {
  readonly contentType: string | null;
  readonly body: string | Readable | null;
}

/** Returns whether a body is a stream, which can be sent only once. */
export const isStream = (body: unknown): body is Readable | ReadableStream =>
  body instanceof Readable || body instanceof globalThis.ReadableStream;

/** Serializes a body, again for each attempt: as JSON, except for streams, files and forms. */
export function serializeBody(body: unknown): SerializedBody {
  if (isStream(body)) return { contentType: BYTES, body: readableOf(body) };
  if (body instanceof Blob) return { contentType: body.type || BYTES, body: readableOf(body.stream()) };
  if (body instanceof URLSearchParams)
    return { contentType: 'application/x-www-form-urlencoded;charset=UTF-8', body: String(body) };
  if (body instanceof FormData) {
    const form = new Response(body);
    return { contentType: form.headers.get('content-type'), body: readableOf(form.body) };
  }
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

function readableOf(body: unknown): Readable | null {
  if (!isStream(body)) return null;
  const stream = body instanceof Readable ? body : Readable.fromWeb(body);
  // It may fail while the call is queued, before undici listens for errors.
  stream.on('error', () => {});
  return stream;
}
