import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { TrackedEnvelope } from '@trpc/server';
import { z } from 'zod';
import type { TokenSource } from './token-source.js';
import { conventions } from './conventions.js';
import { errorOfAnswer, UpstreamError } from './errors.js';
import { type EventOptions, upstreamEvents } from './events/events.js';
import { type UpstreamContext, callWithToken, type UpstreamRequest } from './call-with-token.js';
import { isSafe } from './retry.js';
import type { UpstreamResponse, Method } from './transport.js';
import { expandPath, type PathParams, type Query, queryString, type UrlValue } from './url.js';

/** What every call may say. */
export interface SendOptions {
  readonly query?: Query;
  /** Headers of yours, never those of the browser; one called `authorization` goes where no token is sent. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Sent as JSON; a FormData or URLSearchParams as a form; a File or Blob as it is; a stream as it comes
   * (`application/octet-stream`, or the `content-type` in `headers`), which cannot be repeated after a 401.
   */
  readonly body?: unknown;
  /**
   * How long all of it may take, ms: waiting for a place and sending again included; with a new token as long once
   * more. Of a stream its headers, and each piece of its body. Default `UPSTREAM_TIMEOUT_MS`.
   */
  readonly timeoutMs?: number;
  /** How often a GET or HEAD is sent again after a fault that may pass, see `limits.ts`. Other methods never are. */
  readonly retries?: number;
  /** What says "unauthenticated" here, by status and parsed body, instead of the conventions. */
  readonly isUnauthenticated?: (status: number, payload: unknown) => boolean;
}

/** The values of the names in a template that the compiler knows. */
export type Params<Template extends string> = [PathParams<Template>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Readonly<Record<PathParams<Template>, UrlValue>> };

interface AnswerOptions<Output extends z.core.$ZodType> {
  /**
   * The shape of the answer; unknown keys are dropped, another shape is BAD_GATEWAY. An empty body is undefined;
   * `z.void()` hands on nothing, whatever comes.
   */
  readonly output: Output;
  /** Opens the envelope of a successful answer's parsed body, instead of the conventions. */
  readonly unwrap?: (payload: unknown) => unknown;
}

/** What goes with a call. */
export type CallOptions<Template extends string, Output extends z.core.$ZodType> = SendOptions &
  AnswerOptions<Output> &
  Params<Template>;

/** What goes with a call whose template the compiler does not know. */
export type RequestOptions<Output extends z.core.$ZodType> = SendOptions &
  AnswerOptions<Output> & { readonly params?: UntypedParams };

type UntypedParams = Readonly<Record<string, UrlValue | undefined>>;

type Call = <Template extends string, Output extends z.core.$ZodType>(
  template: Template,
  options: CallOptions<Template, Output>,
) => Promise<z.output<Output>>;

interface StreamOptions extends SendOptions {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD';
  /** Statuses beside 2xx that are an answer and no failure, e.g. 304; their body is empty. */
  readonly accepts?: readonly number[];
}

type StreamCall = <Template extends string>(
  template: Template,
  options: StreamOptions & Params<Template>,
) => Promise<StreamedResponse>;

type Events = <Template extends string, Output extends z.ZodType>(
  template: Template,
  options: EventOptions & Pick<AnswerOptions<Output>, 'output'> & Params<Template>,
) => AsyncGenerator<TrackedEnvelope<z.output<Output>>>;

/** An answer that is handed on while it arrives. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body, of whatever size; whoever takes it reads or destroys it. */
  readonly body: Readable;
}

/** Your API, as a procedure calls it: `ctx.upstream.get('/notes/{id}', { params: { id }, output: note })`. */
export type Upstream = Readonly<Record<Lowercase<Method>, Call>> & {
  /** The same with the method as a value. */
  request<Output extends z.core.$ZodType>(
    method: Method,
    template: string,
    options: RequestOptions<Output>,
  ): Promise<z.output<Output>>;
  /** A GET whose answer is not read here: a download, or events. A 401 is seen by its status only. */
  readonly stream: StreamCall;
  /**
   * The events of a `text/event-stream`, for a subscription to return: with `lastEventId` from the input it goes on
   * where a broken connection left off. When the upstream breaks off, it is asked again. All subscribers of a session
   * share one request, those of public procedures one among them all.
   */
  readonly events: Events;
};

/**
 * Makes the client through which one procedure call calls the upstream. The same GET by several procedures of one
 * request is sent once; one that repeats its own is sent anew.
 *
 * @param caller - The request it works for
 * @param tokenSource - Where tokens come from; a rejected token is renewed once and the call repeated once
 * @returns A client whose methods throw {@link UpstreamError} with the code of the mapping table, and what `authorization` throws
 */
export function createUpstream(caller: UpstreamContext, tokenSource: TokenSource): Upstream {
  const { dedupe: answers, signal } = caller;
  const dedupeCaller = {};

  function responseTo(call: string, upstreamRequest: UpstreamRequest): Promise<UpstreamResponse> {
    if (!isSafe(upstreamRequest.method)) {
      answers.clear();
      return callWithToken(call, upstreamRequest, caller, tokenSource).finally(() => answers.clear());
    }
    if (upstreamRequest.isStreamed || upstreamRequest.body !== undefined) return callWithToken(call, upstreamRequest, caller, tokenSource);
    const { method, path, headers = {}, timeoutMs, retries, isUnauthenticated: refuses } = upstreamRequest;
    const key = JSON.stringify([method, path, headers, timeoutMs, retries]);
    return answers.run({ call, key, tokenSource, refuses }, dedupeCaller, signal, (deadline) =>
      callWithToken(call, upstreamRequest, { ...caller, signal: undefined }, tokenSource, deadline),
    );
  }

  const request: Upstream['request'] = async (method, template, options) => {
    const call = `${method} ${template}`;
    const path = address(template, options);
    const answer = await responseTo(call, { ...options, method, path });
    return parseOutput(call, payloadOf(call, answer, options), options.output);
  };
  const method =
    (name: Method): Call =>
    (template, options) =>
      request(name, template, options);
  return {
    request,
    get: method('GET'),
    head: method('HEAD'),
    post: method('POST'),
    put: method('PUT'),
    patch: method('PATCH'),
    delete: method('DELETE'),
    async stream(template, options) {
      const method = options.method ?? 'GET';
      const call = `${method} ${template}`;
      const path = address(template, options);
      const headers = { accept: '*/*', ...options.headers };
      const answer = await responseTo(call, {
        ...options,
        method,
        path,
        headers,
        isStreamed: method === 'GET',
      });
      const { status, headers: received, body } = answer;
      // Destroyed unread, it would otherwise take the process down with it.
      body?.on('error', () => {});
      try {
        if (!options.accepts?.includes(status)) assertSuccess(call, answer, options.isUnauthenticated);
      } catch (error) {
        body?.destroy();
        throw error;
      }
      return { status, headers: received, body: body ?? Readable.from([]) };
    },
    events(template, options) {
      const call = `GET ${template}`;
      const content = (payload: unknown) => parseOutput(call, payload, options.output);
      return upstreamEvents(call, address(template, options), options, content, { caller, tokenSource });
    },
  };
}

const address = (template: string, { params, query }: { params?: UntypedParams; query?: Query }) =>
  expandPath(template, params ?? {}) + queryString(query ?? {});

async function parseOutput<Output extends z.core.$ZodType>(
  call: string,
  payload: unknown,
  output: Output,
): Promise<z.output<Output>> {
  const checked = await z.safeParseAsync(output, payload);
  if (checked.success) return checked.data;
  const field = checked.error.issues[0]?.path.join('.') || 'the whole body';
  const what = `answered another shape than expected: ${field}`;
  throw new UpstreamError('BAD_GATEWAY', call, what, {}, checked.error);
}

function payloadOf(
  call: string,
  answer: UpstreamResponse,
  options: Pick<RequestOptions<z.core.$ZodType>, 'isUnauthenticated' | 'unwrap' | 'output'>,
): unknown {
  assertSuccess(call, answer, options.isUnauthenticated);
  const { status, payload, json, isEmpty } = answer;
  if (isEmpty || options.output instanceof z.core.$ZodVoid) return undefined;
  if (json === null)
    throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} without JSON`, { status });
  return (options.unwrap ?? conventions().unwrap)(payload);
}

/** The 401 path was walked before: who is unauthenticated here called without a token. */
function assertSuccess(
  call: string,
  { status, retryAfter, payload }: UpstreamResponse,
  refuses: NonNullable<SendOptions['isUnauthenticated']> = conventions().isUnauthenticated,
): void {
  if (refuses(status, payload)) throw errorOfAnswer(call, 401, retryAfter, undefined);
  if (status < 200 || status > 299) throw errorOfAnswer(call, status, retryAfter, payload);
}
