import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { Agent, type Dispatcher, errors } from 'undici';
import { env } from '../runtime/env.js';
import { limits } from '../runtime/limits.js';
import { onePerProcess } from '../runtime/one-per-process.js';
import { UpstreamError } from './errors.js';
import type { Deadline } from './deadline.js';
import { type Release, Limiter } from './limiter.js';
import { retryAfterIn } from './retry-after.js';

/** Methods of upstream calls. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Method of an upstream call. */
export type Method = (typeof METHODS)[number];

/** One request, ready to send. */
export interface WireRequest {
  readonly method: Method;
  /** Path and query below `UPSTREAM_URL`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable | null;
  /** How long the answer to a stream may take once that was sent, and each piece of a stream that is answered, ms. */
  readonly timeoutMs: number;
  /** Hand over the body of a successful answer unread, of whatever size. */
  readonly isStreamed?: boolean;
  /** Of a stream of events, which may go on for ever: how long it may be silent, ms. */
  readonly silenceMs?: number | undefined;
  /** Told when the request is sent. */
  readonly onSent?: () => void;
}

/** An answer; its body was read whole, unless a stream was asked for and the answer is successful. */
export interface UpstreamResponse {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Seconds or a date, if it has such a header. */
  readonly retryAfter: string | null;
  /** The parsed JSON body; undefined when there was no body or it is no JSON. */
  readonly payload: unknown;
  /** The text of a JSON body, or null. */
  readonly json: string | null;
  /** It was read, and there was nothing in it. */
  readonly isEmpty: boolean;
  /** The unread body, or null when it was read. */
  readonly body: Readable | null;
}

/**
 * Streams have connections and places of their own: a hundred slow downloads or uploads must not hold up the calls. Events have
 * as many as there may be listeners.
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

/**
 * Sends one request to the upstream over the process's keep-alive pool, past Next's patched `fetch`.
 *
 * @param call - Method and path template, for error messages
 * @param deadline - How long to wait: for a place, the headers and the whole body; not while a stream goes up or down
 * @returns The answer, whatever its status
 * @throws {UpstreamError} BAD_GATEWAY when a successful answer's body is not what its headers say
 * @throws {NoPlace} when too many calls are under way; otherwise undici's own errors, and the reason of `patience`
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=dispatcherrequestoptions-callback
 */
export async function send(call: string, wireRequest: WireRequest, deadline: Deadline): Promise<UpstreamResponse> {
  const { isStreamed, silenceMs } = wireRequest;
  const kind = silenceMs === undefined ? 'streams' : 'events';
  const { pool, limiter } = connectionsFor(
    `upstream-${isStreamed || wireRequest.body instanceof Readable ? kind : 'pool'}`,
  );
  if (deadline.aborted) throw deadline.reason;
  const release = limiter.tryAcquire() ?? (await limiter.acquire(deadline));
  wireRequest.onSent?.();
  // undici hears nothing while it connects: its place stays taken, but nobody need wait.
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
    if (!isStreamed || answer.statusCode < 200 || answer.statusCode > 299) return await read(call, answer);
    deadline.stop();
    stream = answer.body;
    return { ...responseOf(answer), body: stream };
  } finally {
    if (stream) stream.once('close', release);
    else release();
  }
}

/** An answer without its body. */
const responseOf = ({ statusCode: status, headers }: Dispatcher.ResponseData): UpstreamResponse => ({
  status,
  headers,
  retryAfter: retryAfterIn(single(headers['retry-after'])),
  payload: undefined,
  json: null,
  isEmpty: false,
  body: null,
});

async function read(call: string, received: Dispatcher.ResponseData): Promise<UpstreamResponse> {
  const answer = responseOf(received);
  const { status, headers } = answer;
  // What counts of an error is its status.
  const isError = status >= 400;
  const bytes = await bounded(received.body).catch((cause: unknown) => {
    if (isError) return null;
    throw cause;
  });
  if (bytes === null && !isError) throw new errors.ResponseExceededMaxSizeError();
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(single(headers['content-type']) ?? '');
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

/** Reads a body whole; one above the size limit is given up: null. */
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

const single = (header: string | string[] | undefined) => [header].flat()[0] ?? null;
