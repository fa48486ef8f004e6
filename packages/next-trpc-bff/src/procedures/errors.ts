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

/** As much of a request as its errors are about. */
interface FailedRequest {
  readonly headers: Headers;
  readonly requestId: string;
}

/**
 * Returns the error with which a procedure leaves the layer. Calls by `ctx.upstream` fail with the right one already;
 * this is the net for what procedures throw besides.
 *
 * @param cause - What was thrown, or tRPC's error around it
 * @param procedure - Which one, and its signal
 * @returns The same error, or another with the code of the mapping table
 */
export async function errorOf(
  cause: unknown,
  { ctx, path, signal }: { ctx: FailedRequest; path: string; signal: AbortSignal | undefined },
): Promise<TRPCError> {
  const error = getTRPCErrorFromUnknown(cause);
  if (isSessionStoreUnavailable(error.cause)) return sessionUnavailable(error.cause);
  if (error.code === 'UNAUTHORIZED') return requireEndedSession(error, ctx, path);
  // So tRPC wraps what is no error of its own.
  const isWrapped = error.code === 'INTERNAL_SERVER_ERROR' && error.message === error.cause?.message;
  return (isWrapped && ofUpstream(error.cause, path, signal)) || error;
}

/** Maps what undici, `fetch` or a schema threw at an answer that the procedure got or read by itself. */
function ofUpstream(cause: unknown, path: string, signal: AbortSignal | undefined): UpstreamError | null {
  if (cause instanceof z.core.$ZodError) {
    return new UpstreamError('BAD_GATEWAY', path, `met ${otherShape(cause)}`, {}, cause);
  }
  // What `fetch` throws has its reason inside.
  const reason = cause instanceof TypeError && cause.cause instanceof Error ? cause.cause : cause;
  return isOfTransport(reason) ? errorOfTransport(path, reason, signal) : null;
}

/**
 * The invariant, in its one place: UNAUTHORIZED leaves the layer only when the session is absent or its end is
 * committed. Otherwise page and `/logout`, which ends nothing alive, would send the user to and fro for ever.
 */
async function requireEndedSession(error: TRPCError, ctx: FailedRequest, path: string): Promise<TRPCError> {
  const state = await sessionState(ctx.headers);
  if (state.status === 'dead') return error;
  if (state.status === 'unknown') return sessionUnavailable(state.cause);
  log().warn({ event: 'unauthorized_while_live', path, requestId: ctx.requestId });
  return new TRPCError({ code: 'FORBIDDEN', message: error.message, cause: error });
}
