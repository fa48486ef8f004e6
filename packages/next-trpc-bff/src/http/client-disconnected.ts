import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { setMaxListeners } from 'node:events';
import { ServerResponse } from 'node:http';
import { onePerProcess } from '../runtime/process.js';

/** Weakly held: what a request began may outlive it by far, and would keep it with all that hangs on it. */
const responses = () =>
  onePerProcess('responses', () => new AsyncLocalStorage<WeakRef<ServerResponse> | null>());

const signals = new WeakMap<ServerResponse, AbortSignal>();

/**
 * Remembers the response that each request waits for, from now on: while Next renders a page, it tells nobody that
 * the browser has left. Call it once, when the server boots.
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
 * Returns the signal that aborts when the browser no longer waits for what is rendered, the same for all of a request,
 * or undefined where nobody can tell. What a Server Action began is not given up: it may be half done.
 */
export function clientDisconnected(): AbortSignal | undefined {
  const response = responses().getStore()?.deref();
  if (!response || !['GET', 'HEAD'].includes(response.req.method ?? '')) return undefined;
  const known = signals.get(response);
  if (known) return known;
  const disconnected = new AbortController();
  // Every call of the render listens.
  setMaxListeners(0, disconnected.signal);
  const look = () => {
    if (!response.writableFinished) disconnected.abort();
  };
  if (response.closed) look();
  else response.once('close', look);
  signals.set(response, disconnected.signal);
  return disconnected.signal;
}
