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

/** The context of every procedure. */
export interface Context {
  readonly headers: Headers;
  readonly requestId: string;
  /** How many requests were sent to the upstream so far. */
  readonly upstreamCalls: { count: number };
  readonly upstreamContext: UpstreamContext;
  /** Paths of the queries that mutations of this request invalidated. */
  readonly staleQueries: Set<string>;
  /**
   * For a subscription: id of the user that its page was rendered for, empty for a signed-out page; undefined when the
   * client did not send it.
   */
  readonly pageUser: string | undefined;
  /** Returns the state of the request's session; read on first use, once per request. */
  session(): Promise<SessionState>;
  /** Returns the token source of all the request's upstream calls. Call it only when the session is live. */
  tokenSource(kind: 'required' | 'optional'): Promise<TokenSource>;
}

/**
 * Creates the context of one request. Never fails for a bad cookie, so that public procedures in the same batch work.
 *
 * @param request - The request's headers, and its signal if it has one; `isBackground`, by default as its headers say,
 *   for a call that does not count as use of the session; `pageUser`, the user its page was rendered for
 * @returns The context; the store has not been read yet
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

// 2. The pipeline of every procedure call.

const t = initTRPC.context<Context>().meta<ProcedureMeta>().create(trpcOptions);

/** Makes a router of the layer itself; applications use the `router` of their `server/trpc.ts`. */
export const router = t.router;

/** What a kind of procedure adds to the context, and the session that its subscriptions must not outlive. */
interface Access<Added> {
  readonly added: Added;
  readonly session: WatchedSession | null;
}

/**
 * Makes a kind of procedure. Its one middleware authorizes the caller, assembles an upload's input, maps every error
 * (also mid-stream), collects the queries that a mutation invalidates, and writes one log line per call, for a streamed
 * output when the stream has ended.
 *
 * @param letIn - Authorizes the caller. Takes the context, and the signal that aborts when the caller disconnects
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

/** Returns whether an output is an async iterable to stream; the bytes of a file are not. */
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
  /** For all callers: `ctx.upstream` never sends a token. */
  public: procedureFor(async (ctx, signal) => ({
    added: { upstream: upstreamFor(ctx, signal, withoutToken) },
    session: null,
  })),

  /** For all callers, with `ctx.user` if signed in: `ctx.upstream` sends the token while it is accepted; never signs out. */
  optional: procedureFor(async (ctx, signal) => {
    const state = await knownState(ctx);
    const session = state.status === 'live' ? state.session : null;
    const tokenSource = session ? await ctx.tokenSource('optional') : withoutToken;
    const added = { user: session && userOf(session), upstream: upstreamFor(ctx, signal, tokenSource) };
    return { added, session: session && { ...session, onEnd: null } };
  }),

  /**
   * For signed-in users: `ctx.user` is set, and `ctx.upstream` sends their token. If the API rejects it, it is renewed
   * once and the call repeated once; if that is rejected too, the session ends with UNAUTHORIZED.
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
