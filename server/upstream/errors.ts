import { TRPCError } from '@trpc/server';
import { errors } from 'undici';
import { fieldErrorsIn } from './conventions';

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
  /** HTTP status of the upstream's answer, or null when there was none. */
  readonly status: number | null;
  /** Messages by field name, from a 400 or 422. */
  readonly fieldErrors: Record<string, string[]> | null;
  /** When to try again, as the upstream put it in `Retry-After`: seconds or an HTTP date. */
  readonly retryAfter: string | null;
}

/**
 * A call to the upstream that did not succeed. Its `code` is tRPC's; its message names method, path template
 * and what happened, and holds nothing of the upstream's text.
 */
export class UpstreamError extends TRPCError {
  override readonly name = 'UpstreamError';
  readonly failure: UpstreamFailure;

  /**
   * @param call - Method and path template, e.g. `GET /notes/{id}`
   * @param what - What happened, e.g. `answered 404`
   */
  constructor(
    code: Code,
    call: string,
    what: string,
    failure: Partial<UpstreamFailure> = {},
    cause?: unknown,
  ) {
    super({ code, message: `${call} ${what}`, cause });
    this.failure = { status: null, fieldErrors: null, retryAfter: null, ...failure };
  }
}

/**
 * Maps an answer with an error status. The 401 path has been walked before: a 401 here means that the call
 * carried no token, which is a mistake between the services and never logs anybody out.
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
  const code = CODES[status] ?? (status < 500 && status !== 401 ? 'BAD_REQUEST' : 'BAD_GATEWAY');
  const fieldErrors = code === 'BAD_REQUEST' ? fieldErrorsIn(payload) : null;
  return new UpstreamError(code, call, `answered ${status}`, { status, fieldErrors, retryAfter });
}

/**
 * Maps what undici throws when there is no usable answer.
 *
 * @param call - Method and path template
 * @param cause - What was thrown
 * @param signal - The caller's signal: when it is aborted, nobody waits for an answer any more
 * @see https://undici.nodejs.org/#/docs/api/Errors
 */
export function errorOfTransport(
  call: string,
  cause: unknown,
  signal: AbortSignal | undefined,
): UpstreamError {
  if (cause instanceof UpstreamError) return cause;
  if (signal?.aborted)
    return new UpstreamError('CLIENT_CLOSED_REQUEST', call, 'was abandoned by its caller', {}, cause);
  if (
    cause instanceof errors.HeadersTimeoutError ||
    cause instanceof errors.BodyTimeoutError ||
    cause instanceof errors.ConnectTimeoutError ||
    (cause instanceof DOMException && cause.name === 'TimeoutError')
  ) {
    return new UpstreamError('GATEWAY_TIMEOUT', call, 'was not answered in time', {}, cause);
  }
  if (cause instanceof errors.ResponseExceededMaxSizeError) {
    return new UpstreamError('BAD_GATEWAY', call, 'answered more than the size limit', {}, cause);
  }
  const refused =
    cause instanceof Error &&
    'code' in cause &&
    (cause.code === 'ECONNREFUSED' || cause.code === 'ENOTFOUND');
  const code = refused ? 'SERVICE_UNAVAILABLE' : 'BAD_GATEWAY';
  return new UpstreamError(code, call, refused ? 'could not be connected' : 'broke off', {}, cause);
}
