import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { TRPCError } from '@trpc/server';
import { env } from '../runtime/env.js';
import { SEND_AGAIN } from '../http/headers.js';
import { limits } from '../runtime/limits.js';
import type { TokenSource } from './token-source.js';
import { conventions } from './conventions.js';
import { errorOfTransport, UpstreamError } from './errors.js';
import { headersFrom } from './headers.js';
import { Deadline } from './deadline.js';
import { sendWithRetry } from './retry.js';
import type { RequestDedupe } from './dedupe.js';
import type { UpstreamResponse, Method } from './transport.js';

/** What an upstream call sends. */
export interface UpstreamRequest {
  readonly method: Method;
  /** Path and query below `UPSTREAM_URL`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly isStreamed?: boolean;
  readonly silenceMs?: number;
  /** What says "unauthenticated", where this endpoint says it in another way than the rest of the API. */
  readonly isUnauthenticated?: (status: number, payload: unknown) => boolean;
}

/** The part of a request that concerns its upstream calls. */
export interface UpstreamContext {
  /** Aborts the upstream call when the caller goes away. */
  readonly signal: AbortSignal | undefined;
  /** Headers for tracing: request id, traceparent, client address. Never the browser's cookies. */
  readonly tracing: Readonly<Record<string, string>>;
  /** What its calls of the upstream share. */
  readonly dedupe: RequestDedupe;
  /** Told of every request that was sent, for the log. */
  onSent(): void;
}

/**
 * Sends one call and walks the 401 path: a rejected token is renewed once and the call repeated once, with as much
 * time as before.
 *
 * @param call - Method and path template, for error messages
 * @param upstreamRequest - What to send
 * @param caller - The request it is sent for
 * @param tokenSource - Where tokens come from
 * @param deadline - How long to wait; by default until the caller goes away
 * @returns The answer, whatever its status; one that says "unauthenticated" was given to a call without a token
 * @throws {UpstreamError} when there is no usable answer, and what `authorization` throws
 */
export async function callWithToken(
  call: string,
  upstreamRequest: UpstreamRequest,
  caller: UpstreamContext,
  tokenSource: TokenSource,
  deadline = new Deadline(caller.signal),
): Promise<UpstreamResponse> {
  let body: Readable | null = null;
  try {
    const answer = await callThenRenew(call, upstreamRequest, caller, tokenSource, deadline);
    body = answer.body;
    return answer;
  } finally {
    if (body) body.once('close', () => deadline.dispose());
    else deadline.dispose();
  }
}

async function callThenRenew(
  call: string,
  upstreamRequest: UpstreamRequest,
  { signal, tracing, onSent }: UpstreamContext,
  tokenSource: TokenSource,
  deadline: Deadline,
): Promise<UpstreamResponse> {
  const { method, path, isStreamed = false, silenceMs, retries = limits().retries } = upstreamRequest;
  const { timeoutMs = env().UPSTREAM_TIMEOUT_MS, isUnauthenticated: refuses = conventions().isUnauthenticated } = upstreamRequest;
  const own = headersFrom(call, upstreamRequest.headers ?? {});
  const sendOnce = async (token: string | null): Promise<UpstreamResponse> => {
    const { contentType, body } = serializeBody(upstreamRequest.body);
    // A stream may fail while it waits for its place, when nobody listens to it yet.
    if (body instanceof Readable) body.on('error', () => {});
    const headers = {
      accept: 'application/json',
      ...(contentType !== null && { 'content-type': contentType }),
      ...own,
      ...tracing,
      ...(token !== null && { authorization: `Bearer ${token}` }),
    };
    try {
      const wireRequest = { method, path, headers, body, timeoutMs, isStreamed, silenceMs, onSent };
      return await sendWithRetry(call, wireRequest, deadline, retries);
    } catch (cause) {
      if (body instanceof Readable) body.destroy();
      // A body that was refused while it streamed, for its size say, is no fault of the upstream.
      throw cause instanceof TRPCError ? cause : errorOfTransport(call, cause, signal);
    }
  };

  const isUnauthenticatedResponse = (response: UpstreamResponse) => {
    try {
      return refuses(response.status, response.payload);
    } catch (cause) {
      discardBody(response);
      throw cause;
    }
  };
  const first = await tokenSource.accessToken();
  let answer = await sendOnce(first);
  if (first === null || !isUnauthenticatedResponse(answer)) return answer;
  discardBody(answer);
  deadline.stop();
  const second = await tokenSource.afterRejection(first);
  if (upstreamRequest.body instanceof Readable || isWebStream(upstreamRequest.body))
    throw new UpstreamError(
      'SERVICE_UNAVAILABLE',
      call,
      'took a stream that cannot be repeated with the renewed token: send it again',
      { status: answer.status, retryAfter: SEND_AGAIN },
    );
  answer = await sendOnce(second);
  if (second === null || !isUnauthenticatedResponse(answer)) return answer;
  discardBody(answer);
  await tokenSource.afterSecondRejection();
  return sendOnce(null);
}

/** An unread stream that is not handed on would keep its place. */
const discardBody = ({ body }: UpstreamResponse) => void body?.on('error', () => {}).destroy();

/** Writes a body as it is sent, anew for each attempt: JSON, but for streams and forms. */
function serializeBody(body: unknown): { contentType: string | null; body: string | Readable | null } {
  if (body === undefined) return { contentType: null, body: null };
  if (body instanceof Readable) return { contentType: 'application/octet-stream', body };
  if (isWebStream(body)) return { contentType: 'application/octet-stream', body: Readable.fromWeb(body) };
  if (body instanceof Blob)
    return {
      contentType: body.type || 'application/octet-stream',
      body: Readable.fromWeb(body.stream() as ReadableStream),
    };
  if (body instanceof URLSearchParams)
    return { contentType: 'application/x-www-form-urlencoded;charset=UTF-8', body: String(body) };
  if (body instanceof FormData) {
    const form = new Response(body);
    const stream = form.body && Readable.fromWeb(form.body as ReadableStream);
    return { contentType: form.headers.get('content-type'), body: stream };
  }
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

const isWebStream = (body: unknown): body is ReadableStream => body instanceof globalThis.ReadableStream;
