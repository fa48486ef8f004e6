import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** Methods of upstream calls. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Method of an upstream call. */
export type Method = (typeof METHODS)[number];

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

/** Who makes upstream calls, and what goes with all of them. */
export interface UpstreamCaller {
  /** Aborts them when the caller goes away. */
  readonly signal: AbortSignal | undefined;
  /** Headers for tracing: request id, traceparent, client address. Never the browser's cookies. */
  readonly tracing: Readonly<Record<string, string>>;
  /** Told of every request that was sent, for the log. */
  onSent(): void;
}

/** A call's request, ready to send: with its token, its headers checked and its body written. */
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
