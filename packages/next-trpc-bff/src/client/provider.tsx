'use client';

import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient } from '@trpc/client';
import { createTRPCReact } from '@trpc/react-query';
import type { inferRouterOutputs } from '@trpc/server';
import { type ReactNode, useCallback, useState } from 'react';
import type { AppRouter } from '../../../../server/router.js';
import { createLinks } from './links.js';
import { createQueryClient } from './query-client.js';
import { SessionWatch } from './session-watch.js';

/** The hooks: `trpc.notes.list.useQuery(…)`, `trpc.notes.create.useMutation()`. */
export const trpc = createTRPCReact<AppRouter>();

/** Types of what procedures answer, by router and name: `RouterOutputs['notes']['byId']`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;

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

/**
 * Gives the page's client components their tRPC client and query cache, once in the root layout.
 *
 * @param signedInAs - Id of the user the page was rendered for, or null: a signed-in page leaves when it learns that the session has ended
 */
export function TRPCProvider({ signedInAs, children }: { signedInAs: string | null; children: ReactNode }) {
  const queries = queryClient();
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({ links: createLinks(signedInAs, invalidateIn(queries)) }),
  );
  const currentUserId = useCallback(
    async () =>
      (await client.session.current.query(undefined, { context: { background: true } }))?.user.id ?? null,
    [client],
  );
  return (
    // Said here and not to `createTRPCReact`: suspense queries look for it here only.
    <trpc.Provider abortOnUnmount client={client} queryClient={queries}>
      <QueryClientProvider client={queries}>
        {signedInAs !== null && <SessionWatch signedInAs={signedInAs} currentUserId={currentUserId} />}
        {children}
      </QueryClientProvider>
    </trpc.Provider>
  );
}
