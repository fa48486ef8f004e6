import type { AnyTRPCRouter, TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { originOf } from '../http/request.js';
import { NO_STORE } from '../http/responses.js';
import { LINK_HEADER, STALE_QUERIES_HEADER, WIRE_LIMITS } from '../http/wire.js';
import { assertKnownQueries } from './invalidation.js';
import { bodyLimit, bounded, tooLarge } from './request-body.js';
import { type Context, createContext } from './trpc.js';
import { rememberRequest } from './trpc-options.js';

/** Where the endpoint is mounted. */
const ENDPOINT = '/api/trpc';

/** Compression would buffer events, and a keep-alive connection would outlive a server that stops. */
const STREAM_HEADERS = { 'cache-control': 'no-store, no-transform', connection: 'close' };

/**
 * Makes the handler of requests to `/api/trpc/*`. It does not depend on Next: any server that uses `Request` and
 * `Response` can mount it.
 *
 * @param router - The application's router
 * @returns Takes a request whose body was not read. Returns tRPC's response, never cached and never with a cookie; or
 *   400, 403, 405, 413 or 414 for a request that is refused
 * @throws {TypeError} immediately, when a mutation invalidates queries that are not in the router
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
      req: request.body ? bounded(request, request.body) : request,
      router,
      maxBatchSize: WIRE_LIMITS.batchSize,
      createContext({ info }) {
        if (info.type !== 'subscription') return context;
        // The link sends the user its page was rendered for in the URL: an EventSource cannot set headers.
        const pageUser = info.connectionParams?.['user'];
        context = createContext({ headers, signal, isBackground: true, pageUser });
        return context;
      },
      // A request that cannot be parsed fails before tRPC has a context.
      onError: ({ error, ctx }) => void (ctx ?? rememberRequest(error, context.requestId)),
      responseMeta: () => ({ headers: headersOf(context) }),
    });
    if (response.headers.get('content-type') === 'text/event-stream')
      for (const [name, value] of Object.entries(STREAM_HEADERS)) response.headers.set(name, value);
    return response;
  };
}

/**
 * Refuses requests that must not reach a procedure: from other sites (queries too), of other methods, too large.
 *
 * @returns The response, or null when the request is accepted
 */
function refusal(request: Request, requestId: string): Response | null {
  const refused = refusing(requestId);
  const { method, headers, url } = request;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return refused(405, 'METHOD_NOT_SUPPORTED', 'Use GET or POST.');
  if (!isAllowedOrigin(request))
    return refused(403, 'FORBIDDEN', 'Only pages of this application may call it.');
  const { pathname, search } = new URL(url);
  if (!isDecodable(pathname)) return refused(400, 'BAD_REQUEST', 'The address is not well-formed.');
  if (pathname.length + search.length > WIRE_LIMITS.urlLength)
    return refused(414, 'BAD_REQUEST', 'The address is too long: send a smaller batch.');
  const bytes = headers.get('content-length');
  if (bytes !== null && Number(bytes) > bodyLimit(headers))
    return refused(413, 'PAYLOAD_TOO_LARGE', tooLarge(bodyLimit(headers)));
  return null;
}

function isDecodable(pathname: string): boolean {
  try {
    decodeURIComponent(pathname);
    return true;
  } catch {
    return false;
  }
}

function isAllowedOrigin({ method, headers }: Request): boolean {
  const origin = originOf(headers);
  if (origin === 'same-origin') return true;
  // A query's URL typed by a user: no other site can make a browser send `none`.
  if (method !== 'POST') return origin === 'unsaid' || headers.get('sec-fetch-site') === 'none';
  const isJson = headers.get('content-type')?.startsWith('application/json') ?? false;
  return origin === 'unsaid' && isJson && headers.has(LINK_HEADER);
}

/** Responds in tRPC's format, so that the client link reads it like any other error. */
const refusing = (requestId: string) => (httpStatus: number, code: TRPCError['code'], message: string) => {
  const error = { message, code: -32600, data: { code, httpStatus, requestId } };
  const headers = { ...NO_STORE, 'x-request-id': requestId };
  return Response.json({ error }, { status: httpStatus, headers });
};

const headersOf = ({ requestId, staleQueries }: Context) => ({
  ...NO_STORE,
  'x-request-id': requestId,
  ...(staleQueries.size > 0 && { [STALE_QUERIES_HEADER]: [...staleQueries].join(',') }),
});
