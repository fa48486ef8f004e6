import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { appRouter } from '../../server/router';
import { createCallerFactory } from '../../server/trpc';
import { browserHeaders } from './browser-headers';

/**
 * A process of its own that runs the layer: for each message it makes calls with a session's cookie and answers
 * whose notes it saw, and how often it tried for and won the refresh lease so far. Configured by its environment.
 */
const order = z.object({ cookie: z.string(), calls: z.number() });
const lease = { tried: 0, won: 0 };

const observed = new Proxy<SessionStore>(sessionStore(), {
  get(store, name, receiver) {
    if (name !== 'takeRefreshLease') return Reflect.get(store, name, receiver);
    return async (...parameters: Parameters<SessionStore['takeRefreshLease']>) => {
      lease.tried += 1;
      const answer = await store.takeRefreshLease(...parameters);
      if (answer !== 'refused') lease.won += 1;
      return answer;
    };
  },
});
Object.assign(globalThis, { [Symbol.for('next-trpc-bff.session-store')]: observed });

async function ownerSeen(cookie: string): Promise<string> {
  const caller = createCallerFactory(appRouter)(createContext({ headers: browserHeaders(cookie) }));
  const titles = await caller.notes.list({ limit: 5 }).then(
    ({ items }) => items.map(({ title }) => title.split(':')[0]),
    (error: unknown) => [error instanceof Error ? error.message : 'failed'],
  );
  return [...new Set(titles)].join(' and ');
}

process.on('message', async (message) => {
  const { cookie, calls } = order.parse(message);
  const owners = await Promise.all(Array.from({ length: calls }, () => ownerSeen(cookie)));
  process.send?.({ owners, lease });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
