import { env } from '../runtime/env.js';
import { onePerProcess } from '../runtime/one-per-process.js';
import { openRedisStore } from './redis/store.js';
import { openSqliteStore } from './sqlite/store.js';
import type { SessionStore } from './store.js';

const FILE = 'file:';

/**
 * Returns the session store of this process, opened on first use. `SESSION_STORE_URL` chooses the driver:
 * `file:` is SQLite, `redis:` and `rediss:` are Redis.
 *
 * @throws {SessionStoreUnavailable} when it cannot be opened; the next call tries again
 */
export const sessionStore = (): SessionStore => onePerProcess('session-store', openStore);

function openStore(): SessionStore {
  const url = env().SESSION_STORE_URL;
  return url.startsWith(FILE) ? openSqliteStore(url.slice(FILE.length)) : openRedisStore(url);
}
