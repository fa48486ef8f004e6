import 'server-only';

import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import {
  createTRPCRecursiveProxy,
  type inferProcedureInput,
  type TRPCQueryProcedure,
  type TRPCRouterRecord,
} from '@trpc/server';
import { headers } from 'next/headers';
import { redirect, unstable_rethrow } from 'next/navigation';
import { cache, type ReactNode } from 'react';
import { isLoginPath, logoutUrl } from '../http/callback-url.js';
import { type Context, createContext } from '../procedures/context.js';
import { clientDisconnected } from '../http/client-disconnected.js';
import { CURRENT_PATH_HEADER } from '../runtime/limits.js';
import { redirectAddress } from '../http/redirect-address.js';
import { type AppRouter, appRouter } from '../../../../server/router.js';
import { createCallerFactory } from '../procedures/trpc.js';
import { createQueryClient } from '../client/query-client.js';

const createCaller = createCallerFactory(appRouter);

/** One context a request: `cache` covers rendering only, the request's own headers cover actions and handlers too. */
const contexts = new WeakMap<Headers, Context>();

async function currentContext(): Promise<Context> {
  const requestHeaders = await headers();
  const left = clientDisconnected();
  // A page is in vain when its browser has left; what a route handler does by `after()` is not.
  const signal = left?.aborted && !isRendering() ? undefined : left;
  const known = contexts.get(requestHeaders);
  if (known && known.upstreamContext.signal === signal) return known;
  const context = createContext({ headers: requestHeaders, signal });
  contexts.set(requestHeaders, context);
  return context;
}

const render = cache(() => Symbol('render'));

/** `cache` remembers nothing elsewhere. */
function isRendering(): boolean {
  const known = render();
  return known === render();
}

const raw = createCaller(currentContext);

const redirecting = createCaller(currentContext, {
  // Synchronous on purpose: a redirect thrown here replaces the error, one thrown later would be lost.
  onError({ error, ctx }) {
    unstable_rethrow(error);
    const path = ctx?.headers.get(CURRENT_PATH_HEADER) ?? '/';
    // Nobody is there to follow it; any other error Next would log, once for each call.
    if (ctx?.upstreamContext.signal?.aborted) redirect(redirectAddress(path));
    if (error.code === 'UNAUTHORIZED' && !isLoginPath(path)) redirect(redirectAddress(logoutUrl(path)));
  },
});

/**
 * Calls procedures in this process, from pages, layouts, metadata, route handlers and Server Actions:
 * `await caller.notes.byId({ id })`. UNAUTHORIZED redirects to `/logout`; inside try/catch call
 * `unstable_rethrow(error)` first. `caller.raw` throws instead of redirecting.
 *
 * @throws {TRPCError} whatever the procedure fails with
 * @see https://trpc.io/docs/server/server-side-calls
 */
export const caller = new Proxy(redirecting, {
  get: (target, name) => (name === 'raw' ? raw : Reflect.get(target, name)),
}) as typeof redirecting & { readonly raw: typeof raw };

const queryClient = cache(createQueryClient);

type Prefetch<Record extends TRPCRouterRecord> = {
  readonly [Name in keyof Record]: Record[Name] extends TRPCQueryProcedure<infer _>
    ? PrefetchQuery<inferProcedureInput<Record[Name]>>
    : Record[Name] extends TRPCRouterRecord
      ? Prefetch<Record[Name]>
      : never;
};

interface PrefetchQuery<Input> {
  (input: Input): void;
  /** For `useInfiniteQuery` and `useSuspenseInfiniteQuery`: the first page. */
  infinite(input: Omit<Input & object, 'cursor'>): void;
}

/**
 * Starts a query while the page renders, for the client components inside {@link HydrateClient}:
 * `prefetch.notes.list({ limit: 20 })`, or `prefetch.notes.list.infinite({ limit: 20 })`. Do not await it.
 * The same query twice runs once; UNAUTHORIZED redirects as with {@link caller}.
 */
export const prefetch = createTRPCRecursiveProxy<Prefetch<AppRouter['_def']['record']>>(
  ({ path, args: [input] }) => {
    const isInfinite = path.at(-1) === 'infinite' && !(path.join('.') in appRouter._def.procedures);
    const procedure = isInfinite ? path.slice(0, -1) : path;
    // The keys under which the hooks look: https://trpc.io/docs/client/react/getQueryKey
    const queryKey = [
      procedure,
      { ...(input !== undefined && { input }), type: isInfinite ? 'infinite' : 'query' },
    ];
    if (!isInfinite) void queryClient().prefetchQuery({ queryKey, queryFn: () => call(procedure, input) });
    else {
      void queryClient().prefetchInfiniteQuery({
        queryKey,
        initialPageParam: null,
        // The first page is all that is fetched.
        getNextPageParam: () => null,
        queryFn: () => call(procedure, input ?? {}),
      });
    }
  },
);

function call(path: readonly string[], input: unknown): Promise<unknown> {
  const procedure = path.reduce<unknown>((node, name) => Reflect.get(Object(node), name), redirecting);
  if (typeof procedure !== 'function') throw new TypeError(`There is no procedure ${path.join('.')}.`);
  return procedure(input);
}

/** Hands what {@link prefetch} started to the client components inside, pending queries too. */
export function HydrateClient({ children }: { children: ReactNode }) {
  for (const { state } of queryClient().getQueryCache().getAll()) unstable_rethrow(state.error);
  return <HydrationBoundary state={dehydrate(queryClient())}>{children}</HydrationBoundary>;
}
