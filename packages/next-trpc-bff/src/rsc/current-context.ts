import { headers } from 'next/headers';
import { connection } from 'next/server';
import { cache } from 'react';
import { clientDisconnected } from '../http/client-disconnected.js';
import { type Context, createContext } from '../procedures/trpc.js';

/** One context a request: `cache` covers rendering only, the request's own headers cover actions and handlers too. */
const contexts = new WeakMap<Headers, Context>();

/**
 * Returns the context of the request that is being rendered or answered, the same for all of its calls.
 *
 * @throws {Error} saying what to do, inside `'use cache'`: what belongs to one user must not enter a shared cache
 * @see https://nextjs.org/docs/app/api-reference/functions/headers
 */
export async function currentContext(): Promise<Context> {
  const requestHeaders = await headersOfRequest();
  const disconnected = clientDisconnected();
  // A page is in vain when its browser has left; what a route handler does by `after()` is not.
  const signal = disconnected?.aborted && !isRendering() ? undefined : disconnected;
  const known = contexts.get(requestHeaders);
  if (known && known.upstreamContext.signal === signal) return known;
  const context = createContext({ headers: requestHeaders, signal });
  contexts.set(requestHeaders, context);
  return context;
}

const INSIDE_CACHE =
  "caller and prefetch need the request's session, which a shared cache must not hold. Call them outside the function or component with 'use cache', and pass it what it needs as arguments.";

/** With `cacheComponents` a prerender stops here, before anything that differs from request to request. */
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

/** `cache` remembers nothing elsewhere. */
function isRendering(): boolean {
  const known = render();
  return known === render();
}
