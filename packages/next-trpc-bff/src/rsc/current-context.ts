import { headers } from 'next/headers';
import { connection } from 'next/server';
import { cache } from 'react';
import { clientDisconnected } from '../http/client-disconnected.js';
import { type Context, createContext } from '../procedures/trpc.js';

/**
 * One context for each request, by its headers: React's `cache` works while rendering only, not in actions and route
 * handlers.
 */
const contexts = new WeakMap<Headers, Context>();

/**
 * Returns the context of the request that is being rendered or answered, the same for all of its calls.
 *
 * @throws {Error} with advice, inside `'use cache'`: data of one user must not enter a shared cache
 * @see https://nextjs.org/docs/app/api-reference/functions/headers
 */
export async function currentContext(): Promise<Context> {
  const requestHeaders = await headersOfRequest();
  const disconnected = clientDisconnected();
  // Rendering is of no use after the client has disconnected; work in `after()` of a route handler is.
  const signal = disconnected?.aborted && !isRendering() ? undefined : disconnected;
  const known = contexts.get(requestHeaders);
  if (known && known.upstreamContext.signal === signal) return known;
  const context = createContext({ headers: requestHeaders, signal });
  contexts.set(requestHeaders, context);
  return context;
}

const INSIDE_CACHE =
  "caller and prefetch need the request's session, which a shared cache must not hold. Call them outside the function or component with 'use cache', and pass it what it needs as arguments.";

/** With `cacheComponents` a prerender stops here, before anything that depends on the request. */
async function headersOfRequest(): Promise<Headers> {
  try {
    await connection();
    return await headers();
  } catch (error) {
    if (error instanceof Error && error.message.includes('"use cache'))
      throw new Error(INSIDE_CACHE, { cause: error });
    throw error;
  }
}

const render = cache(() => Symbol('render'));

/** Outside of rendering `cache` does not memoize. */
function isRendering(): boolean {
  const known = render();
  return known === render();
}
