import { TRPCError } from '@trpc/server';
import type { z } from 'zod';
import { type StepUp, stepUpIn } from '../http/step-up.js';
import { QUEUE_FULL } from '../runtime/bounds.js';
import { conventions, type Verdict } from './conventions.js';
import type { UpstreamResponse } from './request.js';

type Code = TRPCError['code'];

const CODES: Readonly<Record<number, Code>> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  408: 'GATEWAY_TIMEOUT',
  409: 'CONFLICT',
  412: 'PRECONDITION_FAILED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'BAD_REQUEST',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
  504: 'GATEWAY_TIMEOUT',
};

/** The part of an upstream error that the browser may see, as `error.data.upstream`. */
export interface UpstreamFailure {
  /** HTTP status of the upstream's answer, or null when there was no answer. */
  readonly status: number | null;
  /** Messages by field name, from a 400 or 422. */
  readonly fieldErrors: Record<string, string[]> | null;
  /** When to try again, the upstream's `Retry-After`: seconds or an HTTP date. */
  readonly retryAfter: string | null;
}

/**
 * A failed call to the upstream. `code` is a tRPC code; the message names the method, the path template and what
 * happened, and never contains text from the upstream.
 */
export class UpstreamError extends TRPCError {
  override readonly name = 'UpstreamError';
  readonly failure: UpstreamFailure;
  /** The stronger sign-in or the scope that the upstream asks for with a FORBIDDEN, as `error.data.stepUp`. */
  readonly stepUp: StepUp | null;

  /**
   * @param call - Method and path template, e.g. `GET /notes/{id}`
   * @param what - What happened, e.g. `answered 404`
   */
  constructor(
    code: Code,
    call: string,
    what: string,
    { stepUp = null, ...failure }: Partial<UpstreamFailure> & { readonly stepUp?: StepUp | null } = {},
    cause?: unknown,
  ) {
    super({ code, message: `${call} ${what}`, cause });
    this.stepUp = stepUp;
    this.failure = { status: null, fieldErrors: null, retryAfter: null, ...failure };
  }
}

/**
 * Maps an answer with an error status. Rejected tokens were handled before: a 401 here means that the call was sent
 * without a token, which is a configuration error and never signs a user out.
 *
 * @param call - Method and path template
 * @param status - HTTP status, not 2xx
 * @param retryAfter - The answer's `Retry-After` header, if any
 * @param payload - The parsed body, if it was JSON
 */
export function errorOfAnswer(
  call: string,
  status: number,
  retryAfter: string | null,
  payload: unknown,
): UpstreamError {
  const isRefusal = status >= 400 && status <= 499 && status !== 401;
  const code = CODES[status] ?? (isRefusal ? 'BAD_REQUEST' : 'BAD_GATEWAY');
  const fieldErrors = code === 'BAD_REQUEST' ? conventions().fieldErrors(payload) : null;
  return new UpstreamError(code, call, `answered ${status}`, { status, fieldErrors, retryAfter });
}

/**
 * Maps an answer that does not accept the token, or finds it not enough. Rejected tokens were handled before: an
 * "unauthenticated" answer here is one to a call without a token.
 *
 * @param call - Method and path template
 * @param answer - The answer
 * @param verdict - What it says of the token
 */
export function errorOfVerdict(
  call: string,
  { status, headers, retryAfter }: Pick<UpstreamResponse, 'status' | 'headers' | 'retryAfter'>,
  verdict: Exclude<Verdict, 'accepted'>,
): UpstreamError {
  if (verdict === 'unauthenticated') return errorOfAnswer(call, 401, retryAfter, undefined);
  const stepUp = stepUpIn(headers);
  const reason = stepUp?.error ?? (status === 403 ? null : 'forbidden');
  const what = `answered ${status}${reason ? `: ${reason}` : ''}`;
  return new UpstreamError('FORBIDDEN', call, what, { status, retryAfter, stepUp });
}

/** Describes a value that a schema refused, by the path of the first wrong field, never by its value. */
export const otherShape = ({ issues }: z.core.$ZodError): string =>
  `another shape than expected: ${issues[0]?.path.join('.') || 'the whole body'}`;

/** Error codes of Node and undici for a connection that could not be made. */
const UNREACHABLE_CODES: ReadonlySet<string | null> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/** Error codes of Node and undici for a connection that could not be made, or broke. */
export const CONNECTION_CODES: ReadonlySet<string | null> = new Set([
  ...UNREACHABLE_CODES,
  'ECONNRESET',
  'EPIPE',
  'UND_ERR_SOCKET',
]);

const LATE_CODES: ReadonlySet<string | null> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** Returns the code of an error, or null. undici's classes differ from those in Node's `fetch`; the codes do not. */
export const codeOf = (cause: unknown): string | null =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;

/** Returns whether an error comes from the transport: undici, Node's `fetch`, a socket, a timeout or an abort. */
export function isOfTransport(cause: unknown): boolean {
  const code = codeOf(cause);
  if (CONNECTION_CODES.has(code) || LATE_CODES.has(code) || code?.startsWith('UND_ERR_')) return true;
  return nameOf(cause) === 'AbortError' || nameOf(cause) === 'TimeoutError';
}

/**
 * Maps an error that was thrown because there is no usable answer.
 *
 * @param call - Method and path template
 * @param cause - What was thrown
 * @param signal - The caller's signal: if it is aborted, the caller has disconnected
 * @see https://undici.nodejs.org/#/docs/api/Errors
 */
export function errorOfTransport(
  call: string,
  cause: unknown,
  signal: AbortSignal | undefined,
): UpstreamError {
  if (cause instanceof UpstreamError) return cause;
  const failed = (code: Code, what: string) => new UpstreamError(code, call, what, {}, cause);
  if (signal?.aborted) return failed('CLIENT_CLOSED_REQUEST', 'was abandoned by its caller');
  const code = codeOf(cause);
  if (code === QUEUE_FULL) return failed('SERVICE_UNAVAILABLE', 'was not sent: too many calls are under way');
  if (LATE_CODES.has(code) || nameOf(cause) === 'TimeoutError')
    return failed('GATEWAY_TIMEOUT', 'was not answered in time');
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return failed('BAD_GATEWAY', 'answered more than the size limit');
  if (UNREACHABLE_CODES.has(code)) return failed('SERVICE_UNAVAILABLE', 'could not be connected');
  return failed('BAD_GATEWAY', 'broke off');
}

const nameOf = (cause: unknown) => (cause instanceof Error ? cause.name : null);
