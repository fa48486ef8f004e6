import type { Readable } from 'node:stream';
import { Agent } from 'undici';
import { env } from '../env';
import { UPSTREAM_ANSWER_BYTES } from '../limits';
import { onePerProcess } from '../one-per-process';
import { UpstreamError } from './errors';

/** Connections kept to the upstream. */
const MAX_CONNECTIONS = 256;

/** Method of an upstream call. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

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
}

/** An answer whose body was read whole. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The parsed JSON body; undefined when there was no body or it is no JSON. */
  readonly payload: unknown;
  readonly isJson: boolean;
}

const pool = () =>
  onePerProcess(
    'upstream-pool',
    () => new Agent({ connections: MAX_CONNECTIONS, maxResponseSize: UPSTREAM_ANSWER_BYTES }),
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
  { method, path, headers, body, signal, timeoutMs }: Outgoing,
): Promise<Answer> {
  const { origin, pathname } = new URL(env().UPSTREAM_URL);
  const answer = await pool().request({
    origin,
    path: (pathname === '/' ? '' : pathname) + path,
    method,
    headers,
    body,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    ...(signal && { signal }),
  });
  const bytes = await answer.body.bytes();
  const status = answer.statusCode;
  const retryAfter = single(answer.headers['retry-after']);
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(single(answer.headers['content-type']) ?? '');
  if (!isJson || bytes.length === 0) return { status, retryAfter, payload: undefined, isJson: false };
  try {
    const payload: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { status, retryAfter, payload, isJson: true };
  } catch (cause) {
    if (status >= 400) return { status, retryAfter, payload: undefined, isJson: false };
    throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} with broken JSON`, { status }, cause);
  }
}

const single = (header: string | string[] | undefined) => [header].flat()[0] ?? null;
