import { Readable } from 'node:stream';
import { getTRPCErrorFromUnknown, initTRPC, type TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { optionalSessionToken, sessionToken } from '../auth/tokens/session-token.js';
import { requestIdOf, tracingHeaders } from '../http/request.js';
import { BACKGROUND_HEADER, FIELDS_HEADER } from '../http/wire.js';
import { describeError, log } from '../runtime/process.js';
import { type LiveSession, type SessionState, sessionState, touchSession } from '../session/state.js';
import { RequestDedupe, type UpstreamContext } from '../upstream/call.js';
import { createUpstream } from '../upstream/client.js';
import { type TokenSource, withoutToken } from '../upstream/token-source.js';
import { errorOf, sessionUnavailable, signInFirst } from './errors.js';
import { wrapStream } from './stream.js';
import { assertPageUser, endWith, subscriptionLifetime, type WatchedSession } from './subscription.js';
import { type ProcedureMeta, trpcOptions } from './trpc-options.js';
import { withFields } from './upload.js';

// 1. The context of a request.

/** What every procedure can see of its request. */
export interface Context {
  readonly headers: Headers;
  readonly requestId: string;
  /** How many requests went to the upstream so far. */
  readonly upstreamCalls: { count: number };
  readonly upstreamContext: UpstreamContext;
  /** Paths of the queries that mutations of this request made stale. */
  readonly staleQueries: Set<string>;
  /** Of a subscription: id of the user that its page was rendered for, empty for nobody; undefined where nobody says. */
  readonly pageUser: string | undefined;
  /** Whether the request's session is alive; read once per request, and only when somebody asks. */
  session(): Promise<SessionState>;
  /** The session's token for upstream calls, one for all calls of the request; ask only when the session is live. */
  tokenSource(kind: 'required' | 'optional'): Promise<TokenSource>;
}

/**
 * Makes the context of one request. Never fails for a bad cookie: a public procedure in the same batch works on.
 *
 * @param request - The request's headers, and its signal where there is one; whether it is a background call, which
 *   does not count as use of the session, as far as its headers do not say so; the user its page was rendered for
 * @returns The context; nothing was read from the store yet
 */
export function createContext({
  headers,
  signal,
  isBackground = headers.has(BACKGROUND_HEADER),
  pageUser,
}: {
  headers: Headers;
  signal?: AbortSignal | undefined;
  isBackground?: boolean;
  pageUser?: string | undefined;
}): Context {
  const requestId = requestIdOf(headers);
  const upstreamCalls = { count: 0 };
  let state: Promise<SessionState> | null = null;
  const tokenSources: Partial<Record<'required' | 'optional', TokenSource>> = {};

  const session = () => {
    state ??= sessionState(headers).then(async (found) => {
      if (found.status === 'live' && !isBackground) await touchSession(found.session);
      return found;
    });
    return state;
  };

  return {
    headers,
    requestId,
    upstreamCalls,
    staleQueries: new Set(),
    upstreamContext: {
      signal,
      tracing: tracingHeaders(headers, requestId),
      dedupe: new RequestDedupe(),
      onSent: () => {
        upstreamCalls.count += 1;
      },
    },
    pageUser,
    session,
    async tokenSource(kind) {
      const found = await session();
      if (found.status !== 'live')
        throw new TypeError('There is no live session to authorize upstream calls with.');
      tokenSources[kind] ??=
        kind === 'required' ? sessionToken(found.session) : optionalSessionToken(found.session);
      return tokenSources[kind];
    },
  };
}

// 2. What every call of a procedure goes through.

const t = initTRPC.context<Context>().meta<ProcedureMeta>().create(trpcOptions);

/** Makes a router of the layer's own; those of an application come from its `server/trpc.ts`. */
export const router = t.router;

/** What a kind of procedure adds to the context, and whose session its subscriptions must not outlive. */
interface Access<Added> {
  readonly added: Added;
  readonly session: WatchedSession | null;
}

/**
 * Makes a kind of procedure. Its one middleware does what all have in common: it lets the caller in, puts an upload's
 * input together, maps every error, also mid-stream, notes which queries a mutation made stale, and writes one log
 * line a call, of a streamed output once that is over.
 *
 * @param letIn - Gets the context, and the signal that aborts when nobody waits any more
 */
const procedureFor = <Added extends object>(
  letIn: (ctx: Context, signal: AbortSignal | undefined) => Promise<Access<Added>>,
) =>
  t.procedure.use<Added>(async ({ ctx, path, type, meta, signal, getRawInput, next }) => {
    const began = performance.now();
    const onEnd = (error: TRPCError | null) => logCall(ctx, { path, type, began, error });
    const caller = signal ?? ctx.upstreamContext.signal;
    const errorFor = (cause: unknown) => errorOf(cause, { ctx, path, signal: caller });
    const lifetime = type === 'subscription' ? subscriptionLifetime(signal) : null;
    try {
      const { added, session } = await letIn(ctx, lifetime?.signal ?? caller);
      if (lifetime && session) assertPageUser(ctx.pageUser, session);
      const uploaded = { getRawInput: async () => withFields(await getRawInput(), ctx.headers) };
      const result = await next({ ctx: added, ...(ctx.headers.has(FIELDS_HEADER) && uploaded) });
      if (!result.ok) throw result.error;
      for (const stale of meta?.invalidates ?? []) ctx.staleQueries.add(stale);
      if (!isStreamed(result.data)) {
        if (lifetime) throw new TypeError('A subscription must be an async generator.');
        onEnd(null);
        return result;
      }
      const over = lifetime ?? new AbortController();
      const onBegin = () => lifetime && endWith(lifetime, session);
      return { ...result, data: wrapStream(result.data, { over, onBegin, errorFor, onEnd }) };
    } catch (cause) {
      const error = await errorFor(cause).catch(getTRPCErrorFromUnknown);
      onEnd(error);
      throw error;
    }
  });

/** What a procedure streams: an async generator, or anything else that is iterated; a file's bytes are not. */
const isStreamed = (output: unknown): output is AsyncIterable<unknown> =>
  typeof output === 'object' &&
  output !== null &&
  Symbol.asyncIterator in output &&
  !(output instanceof Readable || output instanceof ReadableStream);

function logCall(
  { requestId, upstreamCalls }: Context,
  { path, type, began, error }: { path: string; type: string; began: number; error: TRPCError | null },
): void {
  const durationMs = Math.round((performance.now() - began) * 10) / 10;
  const call = { path, type, code: error?.code ?? 'OK', durationMs, requestId };
  const line = { event: 'procedure', ...call, upstreamCalls: upstreamCalls.count };
  if (error && getHTTPStatusCodeFromError(error) >= 500)
    log().error({ ...line, error: describeError(error) });
  else log().info(line);
}

// 3. Who may call.

const upstreamFor = (ctx: Context, signal: AbortSignal | undefined, tokenSource: TokenSource) =>
  createUpstream({ ...ctx.upstreamContext, signal }, tokenSource);

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
  public: procedureFor(async (ctx, signal) => ({
    added: { upstream: upstreamFor(ctx, signal, withoutToken) },
    session: null,
  })),

  /** For everybody, more for those signed in: `ctx.upstream` sends the token while one helps, and never logs out. */
  optional: procedureFor(async (ctx, signal) => {
    const state = await knownState(ctx);
    const session = state.status === 'live' ? state.session : null;
    const tokenSource = session ? await ctx.tokenSource('optional') : withoutToken;
    const added = { user: session && userOf(session), upstream: upstreamFor(ctx, signal, tokenSource) };
    return { added, session: session && { ...session, onEnd: null } };
  }),

  /**
   * For signed-in users: `ctx.user` is there, and `ctx.upstream` calls the API with their token.
   * A token the API rejects is renewed once and the call repeated once; then the session ends, UNAUTHORIZED.
   */
  protected: procedureFor(async (ctx, signal) => {
    const state = await knownState(ctx);
    if (state.status === 'dead') throw signInFirst();
    const { session } = state;
    const added = {
      user: userOf(session),
      upstream: upstreamFor(ctx, signal, await ctx.tokenSource('required')),
    };
    return { added, session: { ...session, onEnd: 'UNAUTHORIZED' } };
  }),
};
