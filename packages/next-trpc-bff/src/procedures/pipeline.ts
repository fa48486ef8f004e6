import { getTRPCErrorFromUnknown, initTRPC, TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { describeError, log } from '../runtime/process.js';
import type { LiveSession } from '../session/state.js';
import { createUpstream } from '../upstream/client.js';
import { type TokenSource, withoutToken } from '../upstream/token-source.js';
import type { Context } from './context.js';
import { errorOf, sessionUnavailable } from './errors.js';
import { isStreamedOutput, observeStream } from './streamed-output.js';
import { type Lifetime, subscriptionLifetime } from './subscription.js';
import { type ProcedureMeta, trpcOptions } from './trpc-options.js';
import { withFields } from './upload.js';

const t = initTRPC.context<Context>().meta<ProcedureMeta>().create(trpcOptions);

/** Makes a router of the layer's own; those of an application come from its `server/trpc.ts`. */
export const router = t.router;

/** One call of a procedure, as its pipeline sees it. */
interface Call {
  readonly type: string;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal | undefined;
}

/** What a kind of procedure adds to the context, and how long its output may go on. */
interface Access<Added> {
  readonly added: Added;
  readonly lifetime: Lifetime;
}

/**
 * Makes a kind of procedure. Its one middleware does what all have in common: it lets the caller in, puts an upload's
 * input together, maps every error, also mid-stream, notes which queries a mutation made stale, and writes one log
 * line a call, of a streamed output once that is over.
 */
const procedureFor = <Added extends object>(letIn: (ctx: Context, call: Call) => Promise<Access<Added>>) =>
  t.procedure.use<Added>(async ({ ctx, path, type, meta, signal, getRawInput, next }) => {
    const began = performance.now();
    const report = (error: TRPCError | null) => logCall(ctx, { path, type, began, error });
    const errorFor = (cause: unknown) =>
      errorOf(cause, { ctx, path, signal: signal ?? ctx.upstreamContext.signal });
    try {
      const { added, lifetime } = await letIn(ctx, { type, signal });
      const input = { getRawInput: async () => withFields(await getRawInput(), ctx.headers) };
      const result = await next({ ctx: added, ...input });
      if (!result.ok) throw result.error;
      for (const stale of meta?.invalidates ?? []) ctx.staleQueries.add(stale);
      const data = lifetime.wrap(result.data);
      if (isStreamedOutput(data)) return { ...result, data: observeStream(data, errorFor, report) };
      report(null);
      return { ...result, data };
    } catch (cause) {
      const error = await errorFor(cause).catch(getTRPCErrorFromUnknown);
      report(error);
      throw error;
    }
  });

function logCall(
  { requestId, upstreamCalls }: Context,
  { path, type, began, error }: { path: string; type: string; began: number; error: TRPCError | null },
): void {
  const durationMs = Math.round((performance.now() - began) * 10) / 10;
  const code = error?.code ?? 'OK';
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
}

/** A subscription may end before its request. */
const upstreamFor = ({ upstreamContext }: Context, { signal }: Lifetime, tokenSource: TokenSource) =>
  createUpstream({ ...upstreamContext, signal: signal ?? upstreamContext.signal }, tokenSource);

const userOf = ({ record }: LiveSession) => ({ id: record.subject, ...record.profile });

async function knownState(ctx: Context) {
  const state = await ctx.session();
  if (state.status === 'unknown') throw sessionUnavailable(state.cause);
  return state;
}

/**
 * The three kinds of procedure, for `t.procedure.concat(…)` in the application's `server/trpc.ts`.
 *
 * @see https://trpc.io/docs/server/middlewares#concat
 */
export const procedures = {
  /** For everybody: `ctx.upstream` never sends a token. */
  public: procedureFor(async (ctx, call) => {
    const lifetime = subscriptionLifetime(ctx, call, null);
    return { added: { upstream: upstreamFor(ctx, lifetime, withoutToken) }, lifetime };
  }),

  /** For everybody, more for those signed in: `ctx.upstream` sends the token while one helps, and never logs out. */
  optional: procedureFor(async (ctx, call) => {
    const state = await knownState(ctx);
    const session = state.status === 'live' ? state.session : null;
    const lifetime = subscriptionLifetime(ctx, call, session && { ...session, onEnd: null });
    const tokenSource = session ? await ctx.tokenSource('optional') : withoutToken;
    const added = { user: session && userOf(session), upstream: upstreamFor(ctx, lifetime, tokenSource) };
    return { added, lifetime };
  }),

  /**
   * For signed-in users: `ctx.user` is there, and `ctx.upstream` calls the API with their token.
   * A token the API rejects is renewed once and the call repeated once; then the session ends, UNAUTHORIZED.
   */
  protected: procedureFor(async (ctx, call) => {
    const state = await knownState(ctx);
    if (state.status === 'dead') throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
    const { session } = state;
    const lifetime = subscriptionLifetime(ctx, call, { ...session, onEnd: 'UNAUTHORIZED' });
    const upstream = upstreamFor(ctx, lifetime, await ctx.tokenSource('required'));
    return { added: { user: userOf(session), upstream }, lifetime };
  }),
};
