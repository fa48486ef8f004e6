import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { TrackedEnvelope } from '@trpc/server';
import type { z } from 'zod';
import type { UpstreamEvent } from './events/source.js';
import type { Method } from './request.js';

/** A value in a path or query. */
export type UrlValue = string | number | boolean;

/** Query parameters: absent ones (undefined, null) are left out, lists repeat the name. */
export type Query = Readonly<Record<string, UrlValue | readonly UrlValue[] | null | undefined>>;

/** The names in a template's braces: `PathParams<'/notes/{id}'>` is `'id'`. */
export type PathParams<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;

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

/** What becomes of the answer. */
export interface AnswerOptions<Output extends z.core.$ZodType> {
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

/** Values of names that the compiler does not know. */
export type UntypedParams = Readonly<Record<string, UrlValue | undefined>>;

/** A call by one method. */
export type Call = <Template extends string, Output extends z.core.$ZodType>(
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

/** What goes with a subscription to events of the upstream. */
export interface EventOptions {
  readonly query?: Query;
  /** Headers of yours, never those of the browser; one called `authorization` goes where no token is sent. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The event to go on after: `input.lastEventId`. */
  readonly lastEventId?: string | null | undefined;
  /** Takes the content out of an event, null for none. By default that is its data, parsed as JSON. */
  readonly read?: (event: UpstreamEvent) => unknown;
  /** How long the upstream may be silent before it is asked anew, ms. Default 60,000. */
  readonly silenceMs?: number;
}

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
