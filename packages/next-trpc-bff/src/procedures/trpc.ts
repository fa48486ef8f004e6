import { getTRPCErrorFromUnknown, initTRPC, TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { z } from 'zod';
import type { Context } from './context.js';
import { subscriptionLifetime, SSE } from './subscription.js';
import { describeError, log } from '../runtime/log.js';
import { errorOf, sessionUnavailable } from './errors.js';
import { isStreamedOutput, observeStream } from './streamed-output.js';
import { withFields } from './upload.js';
import { type TokenSource, withoutToken } from '../auth/tokens/token-source.js';
import { createUpstream } from '../upstream/client.js';
import { UpstreamError } from '../upstream/errors.js';

/** What people read instead of the text of an error that is not their doing. */
const MASKED_MESSAGE = 'Something went wrong on our side. Try again in a moment.';

const requestIds = new WeakMap<Error, string>();

/** Remembers of which request an error is that arose before there was a context. */
export const rememberRequest = (error: Error, requestId: string): void => {
  requestIds.set(error, requestId);
};

/** What a procedure says of itself. */
export interface ProcedureMeta {
  /** Queries that are stale once this mutation succeeded, by path or its beginning. */
  readonly invalidates?: readonly string[];
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    sse: SSE,
    errorFormatter({ shape, error, ctx }) {
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
      };
      if (invalid) return { ...shape, message: 'The input is not valid.', data };
      return { ...shape, message: httpStatus >= 500 ? MASKED_MESSAGE : shape.message, data };
    },
  });

/** What all routers have in common: context, meta, shape of errors. */
export type RootTypes = (typeof t)['_config']['$types'];

/** Makes a router: a list of procedures. */
export const router = t.router;

/** Makes a way to call a router's procedures in this process. */
export const createCallerFactory = t.createCallerFactory;

/** One log line a call: what was called, how it ended, how long it took; of a streamed output once that is over. */
const logCalls = t.middleware(async ({ ctx, path, type, next }) => {
  const began = performance.now();
  const report = (error: TRPCError | null) => {
    const code = error?.code ?? 'OK';
    const durationMs = Math.round((performance.now() - began) * 10) / 10;
    const { requestId, upstreamCalls } = ctx;
    const line = {
      event: 'procedure',
      path,
      type,
      code,
      durationMs,
      requestId,
      upstreamCalls: upstreamCalls.count,
    };
    if (error && getHTTPStatusCodeFromError(error) >= 500)
      log().error({ ...line, error: describeError(error) });
    else log().info(line);
  };
  const result = await next();
  if (result.ok && isStreamedOutput(result.data))
    return { ...result, data: observeStream(result.data, async (cause) => getTRPCErrorFromUnknown(cause), report) };
  report(result.ok ? null : result.error);
  return result;
});

/** What a mutation made stale is told to the browser once it succeeded. */
const collectStaleQueries = t.middleware(async ({ ctx, meta, next }) => {
  const result = await next();
  if (result.ok) for (const path of meta?.invalidates ?? []) ctx.staleQueries.add(path);
  return result;
});

/** Lets only errors out that mean what they say, also while an output streams. */
const mapErrors = t.middleware(async ({ ctx, path, signal, next }) => {
  const errorFor = (cause: unknown) =>
    errorOf(cause, { ctx, path, signal: signal ?? ctx.upstreamContext.signal });
  const result = await next();
  if (!result.ok) throw await errorFor(result.error);
  return isStreamedOutput(result.data) ? { ...result, data: observeStream(result.data, errorFor) } : result;
});

/** The input of an upload comes in two parts. */
const readUpload = t.middleware(({ ctx, getRawInput, next }) =>
  next({ getRawInput: async () => withFields(await getRawInput(), ctx.headers) }),
);

/** A subscription may end before its request. */
const upstreamFor = (
  { upstreamContext }: Context,
  signal: AbortSignal | undefined,
  tokenSource: TokenSource,
) => createUpstream({ ...upstreamContext, signal: signal ?? upstreamContext.signal }, tokenSource);

/** What every procedure does around its own work. */
const procedure = t.procedure.use(logCalls).use(collectStaleQueries).use(mapErrors).use(readUpload);

/** For everybody: `ctx.upstream` never sends a token. */
export const publicProcedure = procedure.use(async ({ ctx, type, signal: left, next }) => {
  const { signal, wrap: hold } = subscriptionLifetime(ctx, { type, signal: left }, null);
  const result = await next({ ctx: { upstream: upstreamFor(ctx, signal, withoutToken) } });
  return result.ok ? { ...result, data: hold(result.data) } : result;
});

/** For everybody, more for those signed in: `ctx.upstream` sends the token while one helps, and never logs out. */
export const optionalProcedure = procedure.use(async ({ ctx, type, signal: left, next }) => {
  const state = await ctx.session();
  if (state.status === 'unknown') throw sessionUnavailable(state.cause);
  const isLive = state.status === 'live';
  const session = isLive ? { ...state.session, onEnd: null } : null;
  const { signal, wrap: hold } = subscriptionLifetime(ctx, { type, signal: left }, session);
  const tokenSource = isLive ? await ctx.tokenSource('optional') : withoutToken;
  const upstream = upstreamFor(ctx, signal, tokenSource);
  const result = await next({ ctx: { user: isLive ? userOf(state) : null, upstream } });
  return result.ok ? { ...result, data: hold(result.data) } : result;
});

/**
 * For signed-in users: `ctx.user` is there, and `ctx.upstream` calls the API with their token.
 * A token the API rejects is renewed once and the call repeated once; then the session ends, UNAUTHORIZED.
 */
export const protectedProcedure = procedure.use(async ({ ctx, type, signal: left, next }) => {
  const state = await ctx.session();
  if (state.status === 'unknown') throw sessionUnavailable(state.cause);
  if (state.status === 'dead') throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
  const session = { ...state.session, onEnd: 'UNAUTHORIZED' } as const;
  const { signal, wrap: hold } = subscriptionLifetime(ctx, { type, signal: left }, session);
  const upstream = upstreamFor(ctx, signal, await ctx.tokenSource('required'));
  const result = await next({ ctx: { user: userOf(state), upstream } });
  return result.ok ? { ...result, data: hold(result.data) } : result;
});

const userOf = ({
  session: { record },
}: Extract<Awaited<ReturnType<Context['session']>>, { status: 'live' }>) => ({
  id: record.subject,
  ...record.profile,
});
