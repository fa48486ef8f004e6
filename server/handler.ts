import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { type Context, createContext } from './context';
import { bounded, refusal } from './guard';
import { expectKnownQueries } from './invalidation';
import { LIMITS, STALE_QUERIES_HEADER } from './limits';
import { appRouter } from './router';
import { rememberRequest } from './trpc';

expectKnownQueries(appRouter);

/** Where the endpoint is mounted. */
const ENDPOINT = '/api/trpc';

/**
 * Answers a request to `/api/trpc/*`. Knows nothing of Next: any server that speaks `Request` and `Response`
 * can mount it.
 *
 * @param request - The request as it came, body unread
 * @returns tRPC's answer, never cached, never with a cookie; or 400, 403, 405, 413 or 414 from the guard
 * @see https://trpc.io/docs/server/adapters/fetch
 */
export async function serveTRPC(request: Request): Promise<Response> {
  const context = createContext({ headers: request.headers, signal: request.signal });
  const refused = refusal(request, context.requestId);
  if (refused) return refused;
  return fetchRequestHandler({
    endpoint: ENDPOINT,
    req: bounded(request),
    router: appRouter,
    maxBatchSize: LIMITS.batchSize,
    createContext: () => context,
    // What cannot be parsed fails before tRPC has a context.
    onError: ({ error, ctx }) => void (ctx ?? rememberRequest(error, context.requestId)),
    responseMeta: () => ({ headers: headersOf(context) }),
  });
}

const headersOf = ({ requestId, staleQueries }: Context) => ({
  'cache-control': 'no-store',
  'x-request-id': requestId,
  ...(staleQueries.size > 0 && { [STALE_QUERIES_HEADER]: [...staleQueries].join(',') }),
});
