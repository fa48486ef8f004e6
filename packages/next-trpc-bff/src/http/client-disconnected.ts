import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { setMaxListeners } from 'node:events';
import { ServerResponse } from 'node:http';
import { onePerProcess } from '../runtime/process.js';

/** Held weakly: work that a request started may outlive it, and would keep its response in memory. */
const responses = () =>
  onePerProcess('responses', () => new AsyncLocalStorage<WeakRef<ServerResponse> | null>());

const signals = new WeakMap<ServerResponse, AbortSignal>();

/**
 * Tracks the response of each request from now on: while Next renders a page, it does not report that the client has
 * disconnected. Call it once, when the server boots.
 *
 * @see https://nodejs.org/api/diagnostics_channel.html#built-in-channels
 */
export function trackResponses(): void {
  subscribe('http.server.request.start', (message) => {
    const response = Object(message).response;
    responses().enterWith(response instanceof ServerResponse ? new WeakRef(response) : null);
  });
}

/**
 * Returns the signal that aborts when the client disconnects before the response is complete, one signal for a request, or
 * undefined where that cannot be known. A Server Action is not aborted: it may be half done.
 */
export function clientDisconnected(): AbortSignal | undefined {
  const response = responses().getStore()?.deref();
  if (!response || !['GET', 'HEAD'].includes(response.req.method ?? '')) return undefined;
  const known = signals.get(response);
  if (known) return known;
  const disconnected = new AbortController();
  // Every call of the render adds a listener.
  setMaxListeners(0, disconnected.signal);
  const look = () => {
    if (!response.writableFinished) disconnected.abort();
  };
  if (response.closed) look();
  else response.once('close', look);
  signals.set(response, disconnected.signal);
  return disconnected.signal;
}
