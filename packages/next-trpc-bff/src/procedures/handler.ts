import type { AnyTRPCRouter } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { STALE_QUERIES_HEADER, WIRE_LIMITS } from '../http/wire.js';
import { type Context, createContext } from './context.js';
import { bounded, refusal } from './guard.js';
import { assertKnownQueries } from './invalidation.js';
import { rememberRequest } from './trpc-options.js';

/** Where the endpoint is mounted. */
const ENDPOINT = '/api/trpc';

/** What is compressed is held back until there is enough of it; a kept connection would outlive a server that stops. */
const STREAM_HEADERS = { 'cache-control': 'no-store, no-transform', connection: 'close' };

/**
 * Makes what answers requests to `/api/trpc/*`. Knows nothing of Next: any server that speaks `Request` and `Response`
 * can mount it.
 *
 * @param router - The application's router
 * @returns Takes a request as it came, its body unread. Answers as tRPC does, never cached, never with a cookie; or
 *   400, 403, 405, 413 or 414 from the guard
 * @throws {TypeError} at once, when a mutation invalidates queries that are not in the router
 * @see https://trpc.io/docs/server/adapters/fetch
 */
export function createTRPCHandler(router: AnyTRPCRouter): (request: Request) => Promise<Response> {
  assertKnownQueries(router);
  return async (request) => {
    const { headers, signal } = request;
    let context = createContext({ headers, signal });
    const refused = refusal(request, context.requestId);
    if (refused) return refused;
    const response = await fetchRequestHandler({
      endpoint: ENDPOINT,
      req: bounded(request),
      router,
      maxBatchSize: WIRE_LIMITS.batchSize,
      createContext({ info }) {
        if (info.type !== 'subscription') return context;
        // Our link says in the address for whom its page was rendered: an EventSource sends no headers.
        const pageUser = info.connectionParams?.['user'];
        context = createContext({ headers, signal, isBackground: true, pageUser });
        return context;
      },
      // What cannot be parsed fails before tRPC has a context.
      onError: ({ error, ctx }) => void (ctx ?? rememberRequest(error, context.requestId)),
      responseMeta: () => ({ headers: headersOf(context) }),
    });
    if (response.headers.get('content-type') === 'text/event-stream')
      for (const [name, value] of Object.entries(STREAM_HEADERS)) response.headers.set(name, value);
    return response;
  };
}

const headersOf = ({ requestId, staleQueries }: Context) => ({
  'cache-control': 'no-store',
  'x-request-id': requestId,
  ...(staleQueries.size > 0 && { [STALE_QUERIES_HEADER]: [...staleQueries].join(',') }),
});
