import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, errors } from 'undici';
import { env } from '../env';
import { UPSTREAM_ANSWER_BYTES } from '../limits';
import { onePerProcess } from '../one-per-process';
import { UpstreamError } from './errors';

/** Connections kept to the upstream. */
const MAX_CONNECTIONS = 256;

/** Methods of upstream calls. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Method of an upstream call. */
export type Method = (typeof METHODS)[number];

/** One request, ready to send. */
export interface Outgoing {
  readonly method: Method;
  /** Path and query below `UPSTREAM_URL`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable | null;
  readonly signal: AbortSignal | undefined;
  /** How long headers, and each piece of the body, may take, ms. */
  readonly timeoutMs: number;
  /** Hand over the body of a successful answer unread, of whatever size. */
  readonly isStreamed?: boolean;
}

/** An answer; its body was read whole, unless a stream was asked for and the answer is successful. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly retryAfter: string | null;
  /** The parsed JSON body; undefined when there was no body or it is no JSON. */
  readonly payload: unknown;
  readonly isJson: boolean;
  /** The unread body, or null when it was read. */
  readonly body: Readable | null;
}

/** Streams have connections of their own: a hundred slow downloads must not hold up the calls. */
const pool = (isStreamed: boolean) =>
  onePerProcess(
    isStreamed ? 'upstream-streams' : 'upstream-pool',
    () => new Agent({ connections: MAX_CONNECTIONS }),
  );

/**
 * Sends one request to the upstream over the process's keep-alive pool, past Next's patched `fetch`.
 *
 * @param call - Method and path template, for error messages
 * @returns The answer, whatever its status
 * @throws {UpstreamError} BAD_GATEWAY when a successful answer's body is not what its headers say; undici's own errors otherwise
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=dispatcherrequestoptions-callback
 */
export async function send(
  call: string,
  { method, path, headers, body, signal, timeoutMs, isStreamed = false }: Outgoing,
): Promise<Answer> {
  const { origin, pathname } = new URL(env().UPSTREAM_URL);
  const answer = await pool(isStreamed).request({
    origin,
    path: (pathname === '/' ? '' : pathname) + path,
    method,
    headers,
    body,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    ...(signal && { signal }),
  });
  if (isStreamed && answer.statusCode >= 200 && answer.statusCode <= 299) {
    const { statusCode: status, headers, body } = answer;
    return { status, headers, retryAfter: null, payload: undefined, isJson: false, body };
  }
  return read(call, answer);
}

async function read(
  call: string,
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
): Promise<Answer> {
  const bytes = await bounded(body);
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(single(headers['content-type']) ?? '');
  const retryAfter = single(headers['retry-after']);
  const answer = { status, headers, retryAfter, payload: undefined, isJson: false, body: null };
  if (!isJson || bytes.length === 0) return answer;
  try {
    const payload: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { ...answer, payload, isJson: true };
  } catch (cause) {
    if (status >= 400) return answer;
    throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} with broken JSON`, { status }, cause);
  }
}

/** Reads a body whole; one above the size limit is given up. */
async function bounded(body: Readable): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > UPSTREAM_ANSWER_BYTES) throw new errors.ResponseExceededMaxSizeError();
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, size);
}

const single = (header: string | string[] | undefined) => [header].flat()[0] ?? null;
