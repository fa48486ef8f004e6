import { getTRPCErrorFromUnknown, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { log } from '../runtime/process.js';
import { sessionState } from '../session/state.js';
import { isSessionStoreUnavailable, SESSIONS_UNREADABLE } from '../session/store.js';
import { errorOfTransport, isOfTransport, otherShape, UpstreamError } from '../upstream/errors.js';

/** What a client without a session is told. */
export const SIGN_IN_FIRST = 'Sign in first.';

/** Returns the error of a call that needs a session and has none. */
export const signInFirst = (): TRPCError => new TRPCError({ code: 'UNAUTHORIZED', message: SIGN_IN_FIRST });

/** Returns the error of a call while the session store does not answer. */
export const sessionUnavailable = (cause: unknown): TRPCError =>
  new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: SESSIONS_UNREADABLE, cause });

/** The part of a request's context that its errors need. */
interface FailedRequest {
  readonly headers: Headers;
  readonly requestId: string;
}

/**
 * Returns the error that a client gets for what a procedure threw. Calls by `ctx.upstream` throw mapped errors already;
 * this maps everything else.
 *
 * @param cause - What was thrown, or tRPC's error around it
 * @param procedure - The procedure's context, path and signal
 * @returns The same error, or one with the code of the mapping table
 */
export async function errorOf(
  cause: unknown,
  { ctx, path, signal }: { ctx: FailedRequest; path: string; signal: AbortSignal | undefined },
): Promise<TRPCError> {
  const error = getTRPCErrorFromUnknown(cause);
  if (isSessionStoreUnavailable(error.cause)) return sessionUnavailable(error.cause);
  if (error.code === 'UNAUTHORIZED') return requireEndedSession(error, ctx, path);
  // This is how tRPC wraps errors that are not TRPCErrors.
  const isWrapped = error.code === 'INTERNAL_SERVER_ERROR' && error.message === error.cause?.message;
  return (isWrapped && ofUpstream(error.cause, path, signal)) || error;
}

/** Maps what undici, `fetch` or a schema threw in a procedure that calls an upstream itself. */
function ofUpstream(cause: unknown, path: string, signal: AbortSignal | undefined): UpstreamError | null {
  if (cause instanceof z.core.$ZodError) {
    return new UpstreamError('BAD_GATEWAY', path, `met ${otherShape(cause)}`, {}, cause);
  }
  // `fetch` throws a TypeError whose cause is the reason.
  const reason = cause instanceof TypeError && cause.cause instanceof Error ? cause.cause : cause;
  return isOfTransport(reason) ? errorOfTransport(path, reason, signal) : null;
}

/**
 * Enforces that a client gets UNAUTHORIZED only when there is no session or its end is committed. Otherwise the page
 * and `/logout`, which never ends a live session, would redirect to each other forever.
 */
async function requireEndedSession(error: TRPCError, ctx: FailedRequest, path: string): Promise<TRPCError> {
  const state = await sessionState(ctx.headers);
  if (state.status === 'dead') return error;
  if (state.status === 'unknown') return sessionUnavailable(state.cause);
  log().warn({ event: 'unauthorized_while_live', path, requestId: ctx.requestId });
  return new TRPCError({ code: 'FORBIDDEN', message: error.message, cause: error });
}
