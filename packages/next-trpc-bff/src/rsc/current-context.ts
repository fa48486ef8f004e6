import { headers } from 'next/headers';
import { cache } from 'react';
import { clientDisconnected } from '../http/client-disconnected.js';
import { type Context, createContext } from '../procedures/context.js';

/** One context a request: `cache` covers rendering only, the request's own headers cover actions and handlers too. */
const contexts = new WeakMap<Headers, Context>();

/**
 * Returns the context of the request that is being rendered or answered, the same for all of its calls.
 *
 * @see https://nextjs.org/docs/app/api-reference/functions/headers
 */
export async function currentContext(): Promise<Context> {
  const requestHeaders = await headers();
  const disconnected = clientDisconnected();
  // A page is in vain when its browser has left; what a route handler does by `after()` is not.
  const signal = disconnected?.aborted && !isRendering() ? undefined : disconnected;
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
