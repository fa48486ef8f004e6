import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { z } from 'zod';
import { env } from '../env';
import type { Authorization } from './authorization';
import { isUnauthenticated, unwrap } from './conventions';
import { errorOfAnswer, errorOfTransport, UpstreamError } from './errors';
import { type Answer, type Method, send } from './transport';
import { expandPath, type PathParams, type Query, queryString, type UrlValue } from './url';

/** What goes with a call. */
export type CallOptions<Template extends string, Output extends z.ZodType> = {
  /** The shape of the answer; unknown keys are dropped, another shape is BAD_GATEWAY. */
  readonly output: Output;
  readonly query?: Query;
  /** Sent as JSON; a stream is sent as it comes (`application/octet-stream`) and cannot be repeated after a 401. */
  readonly body?: unknown;
  /** How long headers, and each piece of the body, may take, ms. Default `UPSTREAM_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
} & ([PathParams<Template>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Readonly<Record<PathParams<Template>, UrlValue>> });

type Call = <Template extends string, Output extends z.ZodType>(
  template: Template,
  options: CallOptions<Template, Output>,
) => Promise<z.output<Output>>;

/** Your API, as a procedure calls it: `ctx.upstream.get('/notes/{id}', { params: { id }, output: note })`. */
export type Upstream = Readonly<Record<'get' | 'post' | 'put' | 'patch' | 'delete', Call>>;

/** The part of a request that concerns its upstream calls. */
export interface CallerOfUpstream {
  /** Aborts the upstream call when the caller goes away. */
  readonly signal: AbortSignal | undefined;
  /** Headers for tracing: request id, traceparent, client address. Never the browser's cookies. */
  readonly tracing: Readonly<Record<string, string>>;
  /** Told of every request that was sent, for the log. */
  onSent(): void;
}

/**
 * Makes the client through which procedures call the upstream.
 *
 * @param caller - The request it works for
 * @param authorization - Where tokens come from; a rejected token is renewed once and the call repeated once
 * @returns A client whose methods throw {@link UpstreamError} with the code of the mapping table, and what `authorization` throws
 */
export function createUpstream(caller: CallerOfUpstream, authorization: Authorization): Upstream {
  const method =
    (name: Method): Call =>
    async (template, options) => {
      const call = `${name} ${template}`;
      const path = expandPath(template, options.params ?? {}) + queryString(options.query ?? {});
      const payload = await answerTo(call, name, path, options, caller, authorization);
      const checked = await options.output.safeParseAsync(payload);
      if (checked.success) return checked.data;
      const field = checked.error.issues[0]?.path.join('.') || 'the whole body';
      throw new UpstreamError(
        'BAD_GATEWAY',
        call,
        `answered another shape than expected: ${field}`,
        {},
        checked.error,
      );
    };
  return {
    get: method('GET'),
    post: method('POST'),
    put: method('PUT'),
    patch: method('PATCH'),
    delete: method('DELETE'),
  };
}

async function answerTo(
  call: string,
  method: Method,
  path: string,
  { body, timeoutMs }: { body?: unknown; timeoutMs?: number },
  { signal, tracing, onSent }: CallerOfUpstream,
  authorization: Authorization,
): Promise<unknown> {
  const stream = body instanceof Readable ? body : isWebStream(body) ? Readable.fromWeb(body) : null;
  const attempt = (token: string | null): Promise<Answer> => {
    onSent();
    return send(call, {
      method,
      path,
      headers: {
        accept: 'application/json',
        ...tracing,
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(stream
          ? { 'content-type': 'application/octet-stream' }
          : body !== undefined && { 'content-type': 'application/json' }),
      },
      body: stream ?? (body === undefined ? null : JSON.stringify(body)),
      signal,
      timeoutMs: timeoutMs ?? env().UPSTREAM_TIMEOUT_MS,
    }).catch((cause: unknown) => {
      throw errorOfTransport(call, cause, signal);
    });
  };

  const first = await authorization.accessToken();
  let answer = await attempt(first);
  if (first !== null && isUnauthenticated(answer.status, answer.payload)) {
    const second = await authorization.afterRejection(first);
    if (stream)
      throw new UpstreamError(
        'SERVICE_UNAVAILABLE',
        call,
        'took a stream that cannot be repeated with the renewed token: send it again',
      );
    answer = await attempt(second);
    if (second !== null && isUnauthenticated(answer.status, answer.payload)) {
      await authorization.afterSecondRejection();
      answer = await attempt(null);
    }
  }
  return contentOf(call, answer);
}

function contentOf(call: string, { status, retryAfter, payload, isJson }: Answer): unknown {
  if (isUnauthenticated(status, payload)) throw errorOfAnswer(call, 401, retryAfter, undefined);
  if (status < 200 || status > 299) throw errorOfAnswer(call, status, retryAfter, payload);
  if (status === 204 || status === 205) return undefined;
  if (!isJson) throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} without JSON`, { status });
  return unwrap(payload);
}

const isWebStream = (body: unknown): body is ReadableStream => body instanceof globalThis.ReadableStream;
