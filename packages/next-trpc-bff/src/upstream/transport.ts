import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { TRPCError } from '@trpc/server';
import { Agent, type Dispatcher, errors } from 'undici';
import { type Deadline, Limiter, type Release } from '../runtime/bounds.js';
import { limits } from '../runtime/limits.js';
import { env, onePerProcess } from '../runtime/process.js';
import { errorOfTransport, UpstreamError } from './errors.js';
import type { Method, UpstreamCaller, UpstreamRequest, UpstreamResponse, WireRequest } from './request.js';
import { pauseAfterAnswer, pauseAfterFault, retryAfterIn } from './retry.js';
import { serializeBody } from './serialize.js';

/**
 * Streams have a pool and a limiter of their own, so that slow downloads and uploads do not block calls. Event streams
 * are limited by `limits.eventStreams`.
 */
const connectionsFor = (name: 'upstream-pool' | 'upstream-streams' | 'upstream-events') =>
  onePerProcess(name, () => {
    const { UPSTREAM_CONCURRENCY, UPSTREAM_TIMEOUT_MS: connectTimeout } = env();
    const connections = name === 'upstream-events' ? limits().eventStreams : UPSTREAM_CONCURRENCY;
    return {
      pool: new Agent({ connections, connectTimeout }),
      limiter: new Limiter(connections, connections * limits().queuedPerCall),
    };
  });

/** Returns whether a method is safe (RFC 9110): its calls may be retried and deduped. */
export const isSafe = (method: Method): boolean => method === 'GET' || method === 'HEAD';

/** Returns whether an HTTP status is a success: 2xx. */
export const isSuccess = (status: number): boolean => status >= 200 && status <= 299;

/**
 * Sends a request, and retries a GET or HEAD after temporary failures. All attempts together take at most `timeoutMs`.
 *
 * @param call - Method and path template, for error messages
 * @param request - `retries` applies to GET and HEAD only; other methods and streams are never retried
 * @param token - The access token to send, or null for none
 * @param caller - The caller, for the signal and the tracing headers
 * @param deadline - The caller's deadline; its timer is started here
 * @returns The last answer, whatever its status
 * @throws {UpstreamError} when there is no usable answer
 */
export async function sendWithRetry(
  call: string,
  request: UpstreamRequest,
  token: string | null,
  { signal, tracing, onSent }: UpstreamCaller,
  deadline: Deadline,
): Promise<UpstreamResponse> {
  const { method, path, isStreamed = false, silenceMs, timeoutMs = env().UPSTREAM_TIMEOUT_MS } = request;
  const { contentType, body } = request.body === undefined ? NO_BODY : serializeBody(request.body);
  const headers = {
    accept: 'application/json',
    ...(contentType !== null && { 'content-type': contentType }),
    ...request.headers,
    ...tracing,
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const wireRequest = { method, path, headers, body, timeoutMs, isStreamed, silenceMs, onSent };
  const isRepeatable = isSafe(method) && !(body instanceof Readable);
  try {
    const { retries = limits().retries } = request;
    return await sendUntilDone(call, wireRequest, deadline, isRepeatable ? retries : 0);
  } catch (cause) {
    if (body instanceof Readable) body.destroy();
    // An upload that is refused while it streams, e.g. for its size, is not a failure of the upstream.
    throw cause instanceof TRPCError ? cause : errorOfTransport(call, cause, signal);
  }
}

const NO_BODY = { contentType: null, body: null };

async function sendUntilDone(
  call: string,
  wireRequest: WireRequest,
  deadline: Deadline,
  retries: number,
): Promise<UpstreamResponse> {
  const endsAt = performance.now() + wireRequest.timeoutMs;
  const isTooLong = (pauseMs: number) => performance.now() + pauseMs >= endsAt;
  deadline.start(wireRequest.timeoutMs);
  for (let repeats = 0; ; repeats += 1) {
    let pauseMs = Number.POSITIVE_INFINITY;
    try {
      const answer = await send(call, wireRequest, deadline);
      if (answer.status >= 400 && repeats < retries) pauseMs = pauseAfterAnswer(answer, repeats);
      if (isTooLong(pauseMs)) return answer;
    } catch (cause) {
      if (repeats < retries) pauseMs = pauseAfterFault(cause, repeats);
      if (isTooLong(pauseMs)) throw cause;
    }
    await deadline.race(pause(pauseMs));
  }
}

/**
 * Sends one request to the upstream over the process's keep-alive pool, past Next's patched `fetch`.
 *
 * @param call - Method and path template, for error messages
 * @param deadline - Limits the time in the queue, until the headers and of the whole body, but not of a streamed body
 * @returns The answer, whatever its status
 * @throws {UpstreamError} BAD_GATEWAY when a successful answer's body is not what its headers say
 * @throws {QueueFull} when too many calls are in flight; otherwise undici's own errors, and the deadline's reason
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=dispatcherrequestoptions-callback
 */
export async function send(
  call: string,
  wireRequest: WireRequest,
  deadline: Deadline,
): Promise<UpstreamResponse> {
  const { isStreamed, silenceMs } = wireRequest;
  const kind = silenceMs === undefined ? 'streams' : 'events';
  const { pool, limiter } = connectionsFor(
    `upstream-${isStreamed || wireRequest.body instanceof Readable ? kind : 'pool'}`,
  );
  if (deadline.aborted) throw deadline.reason;
  const release = limiter.tryAcquire() ?? (await limiter.acquire(deadline));
  wireRequest.onSent?.();
  // undici ignores the signal while it connects: the permit stays taken, but the caller need not wait.
  return deadline.race(dispatch(call, wireRequest, deadline, pool, release));
}

async function dispatch(
  call: string,
  { method, path, headers, body, timeoutMs, isStreamed, silenceMs = timeoutMs }: WireRequest,
  deadline: Deadline,
  pool: Agent,
  release: Release,
): Promise<UpstreamResponse> {
  const isUpload = body instanceof Readable;
  let stream: Readable | null = null;
  try {
    if (isUpload) deadline.stop();
    const { origin, pathname } = new URL(env().UPSTREAM_URL);
    const answer = await pool.request({
      origin,
      path: (pathname === '/' ? '' : pathname) + path,
      method,
      headers,
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: silenceMs,
      signal: deadline,
    });
    if (isUpload) deadline.start(timeoutMs);
    if (!isStreamed || !isSuccess(answer.statusCode)) return await read(call, answer);
    deadline.stop();
    stream = answer.body;
    return { ...responseOf(answer), body: stream };
  } finally {
    if (stream) stream.once('close', release);
    else release();
  }
}

/** Returns the answer without its body. */
const responseOf = ({ statusCode: status, headers }: Dispatcher.ResponseData): UpstreamResponse => ({
  status,
  headers,
  retryAfter: retryAfterOf(headers),
  payload: undefined,
  json: null,
  isEmpty: false,
  body: null,
});

function retryAfterOf(headers: Dispatcher.ResponseData['headers']): string | null {
  const header = firstValue(headers['retry-after']);
  return header === null ? null : retryAfterIn(header);
}

async function read(call: string, received: Dispatcher.ResponseData): Promise<UpstreamResponse> {
  const answer = responseOf(received);
  const { status, headers } = answer;
  // Of an error, only the status matters.
  const isError = status >= 400;
  const bytes = await bounded(received.body).catch((cause: unknown) => {
    if (isError) return null;
    throw cause;
  });
  if (bytes === null && !isError) throw new errors.ResponseExceededMaxSizeError();
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(firstValue(headers['content-type']) ?? '');
  if (bytes?.length === 0) return { ...answer, isEmpty: true };
  if (!bytes || !isJson) return answer;
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ...answer, payload: JSON.parse(json), json };
  } catch (cause) {
    if (isError) return answer;
    throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} with broken JSON`, { status }, cause);
  }
}

/** Reads a whole body; returns null when it exceeds the size limit. */
async function bounded(body: Readable): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > limits().answerBytes) return null;
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, size);
}

/** Returns a header's first value, or null: Node has a list of values for some headers. */
export const firstValue = (header: string | string[] | undefined): string | null =>
  [header].flat()[0] ?? null;
