import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Conventions, Verdict } from './conventions.js';

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
  /** The verdict on answers, if this endpoint differs from the rest of the API. */
  readonly verdict?: Conventions['verdict'];
}

/** The caller of upstream calls, and what is sent with all of them. */
export interface UpstreamCaller {
  /** Aborts the calls when the caller disconnects. */
  readonly signal: AbortSignal | undefined;
  /** Headers for tracing: request id, traceparent, client address. Never the browser's cookies. */
  readonly tracing: Readonly<Record<string, string>>;
  /** Called for every request that is sent, for the log. */
  onSent(): void;
}

/** A request that is ready to send: token added, headers checked, body serialized. */
export interface WireRequest {
  readonly method: Method;
  /** Path and query below `UPSTREAM_URL`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable | null;
  /** Timeout of the answer once a streamed body was sent, and of each chunk of a streamed answer, ms. */
  readonly timeoutMs: number;
  /** Return the body of a successful answer unread, whatever its size. */
  readonly isStreamed?: boolean;
  /** For a stream of events, which has no end: how long it may be silent, ms. */
  readonly silenceMs?: number | undefined;
  /** Called when the request is sent. */
  readonly onSent?: () => void;
}

/** An answer. Its body was read completely, unless a stream was requested and the answer is successful. */
export interface UpstreamResponse {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The `Retry-After` header, seconds or a date, or null. */
  readonly retryAfter: string | null;
  /** The parsed JSON body; undefined when there is no body or it is not JSON. */
  readonly payload: unknown;
  /** The text of a JSON body, or null. */
  readonly json: string | null;
  /** Whether the body was read and is empty. */
  readonly isEmpty: boolean;
  /** The unread body, or null when it was read. */
  readonly body: Readable | null;
}

/** An answer and its verdict on the token. Unless the token was accepted, its body is read or destroyed. */
export interface JudgedResponse extends UpstreamResponse {
  readonly verdict: Verdict;
}
