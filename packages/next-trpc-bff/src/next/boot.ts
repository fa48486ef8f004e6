import { revocationsOver } from '../auth/tokens/revoke.js';
import { trackResponses } from '../http/client-disconnected.js';
import { InvalidConfiguration } from '../runtime/env.js';
import { describeError, env, log } from '../runtime/process.js';
import { beforeExit, stop } from '../runtime/stopping.js';
import { isUnusableSessionFile } from '../session/sqlite/schema.js';
import { isAffectedSqlite } from '../session/sqlite/version.js';
import { sessionStore } from '../session/state.js';
import { isSessionStoreUnavailable } from '../session/store.js';
import { sweepRegularly } from '../session/sweep.js';

const SIGTERM_EXIT_CODE = 143;

/**
 * Checks the configuration, opens the session store, starts the sweep of expired sessions, makes an orderly stop exit
 * with 0, after the revocations that were begun, and sees to it that renders hear when their browser leaves. With a
 * configuration that is not complete, a session database that cannot be used, or a SQLite that may lose it, it says so
 * on standard error and exits with 1: a server that stayed up would fail every request instead. A store that does not
 * answer yet may do so later.
 */
export async function boot(): Promise<void> {
  try {
    env();
    sessionStore();
  } catch (error) {
    const reason = isSessionStoreUnavailable(error) ? error.cause : error;
    if (reason instanceof InvalidConfiguration || isUnusableSessionFile(reason) || isAffectedSqlite(reason)) {
      process.stderr.write(`${reason.message}\n`);
      process.exit(1);
    }
    if (!isSessionStoreUnavailable(error)) throw error;
    log().error({ event: 'session_store_unavailable', error: describeError(error) });
  }
  void sweepRegularly();
  // Next waits for open streams, which never end: browsers come back, to another process.
  const stopInOrder = () => {
    stop();
    beforeExit(revocationsOver);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stopInOrder);
  // Next finishes what is in flight after SIGTERM, and then reports the signal as if it had been a failure.
  process.on('exit', (code) => {
    if (code === SIGTERM_EXIT_CODE) process.exitCode = 0;
  });
  trackResponses();
}
