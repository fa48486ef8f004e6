import { afterAll, beforeAll, describe } from 'vitest';
import { openRedisStore } from '../../packages/next-trpc-bff/src/session/redis/store';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { startRedis } from './redis-server';

const STORE = Symbol.for('next-trpc-bff.session-store');

/** Gives this process another session store. */
export const replaceStore = (store: SessionStore) => void Object.assign(globalThis, { [STORE]: store });

/**
 * Describes the same tests twice: while this process has its sessions in SQLite, and while it has them in a Redis,
 * which runs until the end of the test file. Call it after `configure`.
 *
 * @param title - With `%s` for the name of the store
 */
export async function describeWithBothStores(title: string, tests: () => void): Promise<void> {
  const redis = await startRedis();
  afterAll(() => redis.stop());
  describe.each([
    ['SQLite', () => sessionStore()],
    ['Redis', () => openRedisStore(redis.url)],
  ])(title, (_, open) => {
    const sqlite = sessionStore();
    const store = open();
    beforeAll(() => replaceStore(store));
    afterAll(async () => {
      replaceStore(sqlite);
      if (store !== sqlite) await store.close();
    });
    tests();
  });
}
