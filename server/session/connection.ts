import { env } from '../env';
import { onePerProcess } from '../one-per-process';
import { openSqliteStore } from './sqlite';
import type { SessionStore } from './store';

/**
 * Returns the session store of this process, opened on first use. `SESSION_STORE_URL` chooses the driver.
 *
 * @throws {SessionStoreUnavailable} when it cannot be opened; the next call tries again
 */
export const sessionStore = (): SessionStore =>
  onePerProcess('session-store', () => openSqliteStore(env().SESSION_STORE_URL.slice('file:'.length)));
