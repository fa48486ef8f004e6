import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { TrackedEnvelope } from '@trpc/server';
import type { z } from 'zod';
import type { Conventions } from './conventions.js';
import type { UpstreamEvent } from './events/source.js';
import type { Method } from './request.js';

/** A value in a path or query. */
export type UrlValue = string | number | boolean;

/** Query parameters: undefined and null are left out, lists repeat the name. */
export type Query = Readonly<Record<string, UrlValue | readonly UrlValue[] | null | undefined>>;

/** The names in a template's braces: `PathParams<'/notes/{id}'>` is `'id'`. */
export type PathParams<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;

/** Options of every call. */
export interface SendOptions {
  readonly query?: Query;
  /** Headers to send; the browser's are never sent. `authorization` is sent only when there is no token. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Sent as JSON; a FormData or URLSearchParams as a form; a File or Blob unchanged; a stream as it arrives
   * (`application/octet-stream`, or the `content-type` in `headers`), which cannot be sent again after a 401.
   */
  readonly body?: unknown;
  /**
   * Timeout of the call, ms, including time in the queue and retries; after a token renewal it starts again. For a
   * stream it applies to the headers and to each chunk of the body. Default `UPSTREAM_TIMEOUT_MS`.
   */
  readonly timeoutMs?: number;
  /** How often a GET or HEAD is retried after a temporary failure, see `limits.ts`. Other methods are never retried. */
  readonly retries?: number;
  /** Overrides the conventions: what an answer says of the access token. */
  readonly verdict?: Conventions['verdict'];
}

/** The values for the names in a template that is known at compile time. */
export type Params<Template extends string> = [PathParams<Template>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Readonly<Record<PathParams<Template>, UrlValue>> };

/** How the answer is parsed. */
export interface AnswerOptions<Output extends z.core.$ZodType> {
  /**
   * The schema of the answer; unknown keys are dropped, and an answer that does not match is BAD_GATEWAY. An empty body
   * is undefined; `z.void()` ignores the body.
   */
  readonly output: Output;
  /** Overrides the conventions: unwraps the parsed body of a successful answer. */
  readonly unwrap?: (payload: unknown) => unknown;
}

/** Options of a call. */
export type CallOptions<Template extends string, Output extends z.core.$ZodType> = SendOptions &
  AnswerOptions<Output> &
  Params<Template>;

/** Options of a call whose template is not known at compile time. */
export type RequestOptions<Output extends z.core.$ZodType> = SendOptions &
  AnswerOptions<Output> & { readonly params?: UntypedParams };

/** Values for the names in such a template. */
export type UntypedParams = Readonly<Record<string, UrlValue | undefined>>;

/** A call by one method. */
export type Call = <Template extends string, Output extends z.core.$ZodType>(
  template: Template,
  options: CallOptions<Template, Output>,
) => Promise<z.output<Output>>;

interface StreamOptions extends SendOptions {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD';
  /** Statuses besides 2xx that are not failures, e.g. 304; their body is empty. */
  readonly accepts?: readonly number[];
}

type StreamCall = <Template extends string>(
  template: Template,
  options: StreamOptions & Params<Template>,
) => Promise<StreamedResponse>;

/** Options of a subscription to upstream events. */
export interface EventOptions {
  readonly query?: Query;
  /** Headers to send; the browser's are never sent. `authorization` is sent only when there is no token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The event to resume after: `input.lastEventId`. */
  readonly lastEventId?: string | null | undefined;
  /** Returns the content of an event, or null for none. Default: its data, parsed as JSON. */
  readonly read?: (event: UpstreamEvent) => unknown;
  /** How long the upstream may be silent before it is reconnected, ms. Default 60,000. */
  readonly silenceMs?: number;
}

type Events = <Template extends string, Output extends z.ZodType>(
  template: Template,
  options: EventOptions & Pick<AnswerOptions<Output>, 'output'> & Params<Template>,
) => AsyncGenerator<TrackedEnvelope<z.output<Output>>>;

/** An answer whose body is streamed. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body, of any size. The caller must read or destroy it. */
  readonly body: Readable;
}

/** The client by which a procedure calls your API: `ctx.upstream.get('/notes/{id}', { params: { id }, output: note })`. */
export type Upstream = Readonly<Record<Lowercase<Method>, Call>> & {
  /** A call with the method as an argument. */
  request<Output extends z.core.$ZodType>(
    method: Method,
    template: string,
    options: RequestOptions<Output>,
  ): Promise<z.output<Output>>;
  /** A GET or HEAD whose body is returned unread, for downloads. A 401 is recognized by its status only. */
  readonly stream: StreamCall;
  /**
   * The events of a `text/event-stream`, for a subscription to return. With `lastEventId` from the input it resumes
   * after a broken connection, and it reconnects when the upstream disconnects. All subscribers of a session share one
   * upstream request; all subscribers of a public procedure share one too.
   */
  readonly events: Events;
};
