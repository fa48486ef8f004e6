import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { recordKeyOf, sessionTokensIn } from '../../packages/next-trpc-bff/src/session/secrets';
import { type LiveSession, sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { appRouter } from '../../server/router';
import { createCallerFactory } from '../../server/trpc';

/** Calls procedures as one request of a browser: the context is its own. */
export const callerFor = (headers: Headers, signal?: AbortSignal) =>
  createCallerFactory(appRouter)(createContext({ headers, ...(signal && { signal }) }));

/** Several requests at once, each with a context of its own. */
export const listMany = (headers: Headers, count: number) =>
  Promise.allSettled(Array.from({ length: count }, () => callerFor(headers).notes.list({ limit: 1 })));

/** The store's key of a browser's session. */
export const keyOf = (headers: Headers): string => recordKeyOf(sessionTokensIn(headers)[0] ?? '');

/** A browser's session as the layer sees it; throws when it is not live. */
export async function liveSession(headers: Headers): Promise<LiveSession> {
  const state = await sessionState(headers);
  if (state.status !== 'live') throw new Error(`The session is ${state.status}.`);
  return state.session;
}
