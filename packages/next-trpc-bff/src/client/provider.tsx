'use client';

import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient } from '@trpc/client';
import { type CreateTRPCReact, createTRPCReact } from '@trpc/react-query';
import type { AnyTRPCRouter } from '@trpc/server';
import { type ReactNode, useCallback, useState } from 'react';
import type { BffRouter, SessionOnlyRouter } from '../procedures/session-router.js';
import { createLinks } from './links.js';
import { createQueryClient } from './query-client.js';
import { SessionWatch } from './session-watch.js';

/** What an application's `trpc/client.tsx` exports. */
export interface BffClient<Router extends AnyTRPCRouter> {
  /** The hooks: `trpc.notes.list.useQuery(…)`, `trpc.notes.create.useMutation()`. */
  readonly trpc: CreateTRPCReact<Router, unknown>;
  /**
   * Gives the page's client components their tRPC client and query cache, once in the root layout. `signedInAs` is the
   * id of the user the page was rendered for, or null: a signed-in page leaves when it learns that the session has ended.
   */
  readonly TRPCProvider: (props: ProviderProps) => ReactNode;
}

interface ProviderProps {
  readonly signedInAs: string | null;
  readonly children: ReactNode;
}

/** Hooks keep their data under the procedure's path: https://trpc.io/docs/client/react/getQueryKey */
const invalidateIn = (queries: QueryClient) => (paths: readonly string[]) => {
  for (const path of paths) void queries.invalidateQueries({ queryKey: [path.split('.')] });
};

let browserQueryClient: QueryClient | null = null;

function queryClient(): QueryClient {
  if (typeof window === 'undefined') return createQueryClient();
  // React may throw away state while the page suspends: the browser's client outlives that.
  browserQueryClient ??= createQueryClient();
  return browserQueryClient;
}

const trpc = createTRPCReact<SessionOnlyRouter>();

function TRPCProvider({ signedInAs, children }: ProviderProps) {
  const queries = queryClient();
  const [client] = useState(() =>
    createTRPCClient<SessionOnlyRouter>({ links: createLinks(signedInAs, invalidateIn(queries)) }),
  );
  const currentUserId = useCallback(
    async () =>
      (await client.session.current.query(undefined, { context: { background: true } }))?.user.id ?? null,
    [client],
  );
  return (
    // `abortOnUnmount` is set here and not in `createTRPCReact`: suspense queries read it only here.
    <trpc.Provider abortOnUnmount client={client} queryClient={queries}>
      <QueryClientProvider client={queries}>
        {signedInAs !== null && <SessionWatch signedInAs={signedInAs} currentUserId={currentUserId} />}
        {children}
      </QueryClientProvider>
    </trpc.Provider>
  );
}

/**
 * Makes the hooks of an application and the provider around its pages.
 *
 * @returns See {@link BffClient}
 * @see https://trpc.io/docs/client/react
 */
export function createBffClient<Router extends BffRouter>(): BffClient<Router>;
export function createBffClient(): unknown {
  return { trpc, TRPCProvider };
}
