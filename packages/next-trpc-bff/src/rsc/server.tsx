import 'server-only';

import { dehydrate, HydrationBoundary } from '@tanstack/react-query';
import {
  type AnyTRPCRouter,
  createTRPCRecursiveProxy,
  type inferProcedureInput,
  type TRPCQueryProcedure,
  type TRPCRouterRecord,
} from '@trpc/server';
import { redirect, unstable_rethrow } from 'next/navigation';
import { connection } from 'next/server';
import { cache, type ReactNode } from 'react';
import { createQueryClient } from '../client/query-client.js';
import { isLoginPath, logoutUrl } from '../http/callback-url.js';
import { redirectAddress } from '../http/redirect-address.js';
import { CURRENT_PATH_HEADER } from '../http/wire.js';
import type { BffRouter } from '../procedures/session-router.js';
import { currentContext } from './current-context.js';

/** What an application's `trpc/server.ts` exports. */
export interface BffServer<Router extends AnyTRPCRouter> {
  /**
   * Calls procedures in this process, from pages, layouts, metadata, route handlers and Server Actions:
   * `await caller.notes.byId({ id })`. UNAUTHORIZED redirects to `/logout`; inside try/catch call
   * `unstable_rethrow(error)` first. `caller.raw` throws instead of redirecting. Every call throws the TRPCError its
   * procedure fails with.
   *
   * @see https://trpc.io/docs/server/server-side-calls
   */
  readonly caller: ReturnType<Router['createCaller']> & { readonly raw: ReturnType<Router['createCaller']> };
  /**
   * Starts a query while the page renders, for the client components inside {@link HydrateClient}:
   * `prefetch.notes.list({ limit: 20 })`, or `prefetch.notes.list.infinite({ limit: 20 })`. Do not await it.
   * The same query twice runs once; UNAUTHORIZED redirects as with {@link caller}.
   */
  readonly prefetch: Prefetch<Router['_def']['record']>;
  /** Passes the queries that {@link prefetch} started to the client components inside, pending ones too. */
  readonly HydrateClient: (props: { children: ReactNode }) => Promise<ReactNode>;
}

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

const queryClient = cache(createQueryClient);

/**
 * Makes `caller`, `prefetch` and `HydrateClient` for an application's router, for Server Components, Server Actions and
 * route handlers.
 *
 * @param router - The application's router
 * @returns See {@link BffServer}
 */
export function createBffServer<Router extends BffRouter>(router: Router): BffServer<Router>;
export function createBffServer(router: AnyTRPCRouter): unknown {
  const raw = router.createCaller(currentContext);
  const redirecting = router.createCaller(currentContext, {
    // Synchronous on purpose: a redirect thrown here replaces the error, one thrown later would be lost.
    onError({ error, ctx }) {
      unstable_rethrow(error);
      const path = ctx?.headers.get(CURRENT_PATH_HEADER) ?? '/';
      // The client has disconnected, so the redirect goes nowhere; any other error Next would log, once for each call.
      if (ctx?.upstreamContext.signal?.aborted) redirect(redirectAddress(path));
      if (error.code === 'UNAUTHORIZED' && !isLoginPath(path)) redirect(redirectAddress(logoutUrl(path)));
    },
  });
  const caller = new Proxy(redirecting, {
    get: (target, name) => (name === 'raw' ? raw : Reflect.get(target, name)),
  });

  function call(path: readonly string[], input: unknown): Promise<unknown> {
    const procedure = path.reduce<unknown>((node, name) => Reflect.get(Object(node), name), redirecting);
    if (typeof procedure !== 'function') throw new TypeError(`There is no procedure ${path.join('.')}.`);
    return procedure(input);
  }

  const prefetch = createTRPCRecursiveProxy<Prefetch<TRPCRouterRecord>>(({ path, args: [input] }) => {
    const isInfinite = path.at(-1) === 'infinite' && !(path.join('.') in router._def.procedures);
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
  });

  return { caller, prefetch, HydrateClient };
}

async function HydrateClient({ children }: { children: ReactNode }) {
  // Dehydrated queries contain the current time, which a prerender must not read.
  await connection();
  for (const { state } of queryClient().getQueryCache().getAll()) unstable_rethrow(state.error);
  return <HydrationBoundary state={dehydrate(queryClient())}>{children}</HydrationBoundary>;
}
