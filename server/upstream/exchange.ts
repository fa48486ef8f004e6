import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { TRPCError } from '@trpc/server';
import { env } from '../env';
import { SEND_AGAIN, UPSTREAM_LIMITS } from '../limits';
import type { Authorization } from './authorization';
import { isUnauthenticated } from './conventions';
import { errorOfTransport, UpstreamError } from './errors';
import { headersFrom } from './headers';
import { Patience } from './patience';
import { sendRepeatedly } from './repeat';
import type { SharedAnswers } from './sharing';
import type { Answer, Method } from './transport';

/** What an upstream call sends. */
export interface Sent {
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
export interface CallerOfUpstream {
  /** Aborts the upstream call when the caller goes away. */
  readonly signal: AbortSignal | undefined;
  /** Headers for tracing: request id, traceparent, client address. Never the browser's cookies. */
  readonly tracing: Readonly<Record<string, string>>;
  /** What its calls of the upstream share. */
  readonly answers: SharedAnswers;
  /** Told of every request that was sent, for the log. */
  onSent(): void;
}

/**
 * Sends one call and walks the 401 path: a rejected token is renewed once and the call repeated once, with as much
 * time as before.
 *
 * @param call - Method and path template, for error messages
 * @param sent - What to send
 * @param caller - The request it is sent for
 * @param authorization - Where tokens come from
 * @param patience - How long to wait; by default until the caller goes away
 * @returns The answer, whatever its status; one that says "unauthenticated" was given to a call without a token
 * @throws {UpstreamError} when there is no usable answer, and what `authorization` throws
 */
export async function exchange(
  call: string,
  sent: Sent,
  caller: CallerOfUpstream,
  authorization: Authorization,
  patience = new Patience(caller.signal),
): Promise<Answer> {
  let body: Readable | null = null;
  try {
    const answer = await walk(call, sent, caller, authorization, patience);
    body = answer.body;
    return answer;
  } finally {
    if (body) body.once('close', () => patience.end());
    else patience.end();
  }
}

async function walk(
  call: string,
  sent: Sent,
  { signal, tracing, onSent }: CallerOfUpstream,
  authorization: Authorization,
  patience: Patience,
): Promise<Answer> {
  const { method, path, isStreamed = false, silenceMs, retries = UPSTREAM_LIMITS.retries } = sent;
  const { timeoutMs = env().UPSTREAM_TIMEOUT_MS, isUnauthenticated: refuses = isUnauthenticated } = sent;
  const own = headersFrom(call, sent.headers ?? {});
  const attempt = async (token: string | null): Promise<Answer> => {
    const { contentType, body } = written(sent.body);
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
      const outgoing = { method, path, headers, body, timeoutMs, isStreamed, silenceMs, onSent };
      return await sendRepeatedly(call, outgoing, patience, retries);
    } catch (cause) {
      if (body instanceof Readable) body.destroy();
      // A body that was refused while it streamed, for its size say, is no fault of the upstream.
      throw cause instanceof TRPCError ? cause : errorOfTransport(call, cause, signal);
    }
  };

  const isRefused = (given: Answer) => {
    try {
      return refuses(given.status, given.payload);
    } catch (cause) {
      letGo(given);
      throw cause;
    }
  };
  const first = await authorization.accessToken();
  let answer = await attempt(first);
  if (first === null || !isRefused(answer)) return answer;
  letGo(answer);
  patience.stop();
  const second = await authorization.afterRejection(first);
  if (sent.body instanceof Readable || isWebStream(sent.body))
    throw new UpstreamError(
      'SERVICE_UNAVAILABLE',
      call,
      'took a stream that cannot be repeated with the renewed token: send it again',
      { status: answer.status, retryAfter: SEND_AGAIN },
    );
  answer = await attempt(second);
  if (second === null || !isRefused(answer)) return answer;
  letGo(answer);
  await authorization.afterSecondRejection();
  return attempt(null);
}

/** An unread stream that is not handed on would keep its place. */
const letGo = ({ body }: Answer) => void body?.on('error', () => {}).destroy();

/** Writes a body as it is sent, anew for each attempt: JSON, but for streams and forms. */
function written(body: unknown): { contentType: string | null; body: string | Readable | null } {
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
