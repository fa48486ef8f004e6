import type { TRPCDefaultErrorShape, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { UpstreamError } from '../upstream/errors.js';
import { SSE } from './subscription.js';

/** The message that users see instead of the text of a server error. */
const MASKED_MESSAGE = 'Something went wrong on our side. Try again in a moment.';

const requestIds = new WeakMap<Error, string>();

/** Remembers the request of an error that occurred before there was a context. */
export const rememberRequest = (error: Error, requestId: string): void => {
  requestIds.set(error, requestId);
};

/** The metadata of a procedure. */
export interface ProcedureMeta {
  /** Queries that are stale after this mutation, by path or path prefix. */
  readonly invalidates?: readonly string[];
}

/**
 * The options of the application's `initTRPC.create`: the shape of errors, with field errors in `data.input` and
 * `data.upstream`, what the API asks for
 * beside a token in `data.stepUp`, and the text of server errors masked, and how subscriptions stay connected.
 *
 * @see https://trpc.io/docs/server/error-formatting
 */
export const trpcOptions = {
  sse: SSE,
  errorFormatter({
    shape,
    error,
    ctx,
  }: {
    shape: TRPCDefaultErrorShape;
    error: TRPCError;
    ctx: { readonly requestId: string } | undefined;
  }) {
    const { code, httpStatus, path } = shape.data;
    const invalid =
      error.code === 'BAD_REQUEST' && error.cause instanceof z.core.$ZodError ? error.cause : null;
    const data = {
      code,
      httpStatus,
      ...(path !== undefined && { path }),
      requestId: ctx?.requestId ?? requestIds.get(error) ?? null,
      input: invalid && z.flattenError(invalid).fieldErrors,
      upstream: error instanceof UpstreamError ? error.failure : null,
      stepUp: error instanceof UpstreamError ? error.stepUp : null,
    };
    if (invalid) return { ...shape, message: 'The input is not valid.', data };
    return { ...shape, message: httpStatus >= 500 ? MASKED_MESSAGE : shape.message, data };
  },
};
