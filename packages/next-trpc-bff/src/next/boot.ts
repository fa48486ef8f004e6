import { revocationsOver } from '../auth/tokens/revoke.js';
import { trackResponses } from '../http/client-disconnected.js';
import { InvalidConfiguration } from '../runtime/env.js';
import { isLoopback } from '../runtime/http-hosts.js';
import { markFurtherLines } from '../runtime/printed-lines.js';
import { describeError, env, log } from '../runtime/process.js';
import { parseRedisUrl } from '../runtime/redis-url.js';
import { beforeExit, stop } from '../runtime/stopping.js';
import { isUnusableSessionFile } from '../session/sqlite/schema.js';
import { isAffectedSqlite } from '../session/sqlite/version.js';
import { sessionStore } from '../session/state.js';
import { isSessionStoreUnavailable } from '../session/store.js';
import { sweepRegularly } from '../session/sweep.js';

declare global {
  namespace NodeJS {
    interface ProcessEnv {
      /** Set by Next: which of its runtimes a module is compiled for. `instrumentation.ts` reads it. */
      readonly NEXT_RUNTIME?: 'nodejs' | 'edge';
    }
  }
}

const SIGTERM_EXIT_CODE = 143;

/** Says whom the configuration lets us talk to in the clear beyond this machine. */
function warnOfPlainText(): void {
  const { HTTP_HOSTS, SESSION_STORE_URL } = env();
  for (const host of HTTP_HOSTS) log().warn({ event: 'http_allowed', host });
  const { tls = true, nodes = [] } = parseRedisUrl(SESSION_STORE_URL) ?? {};
  const remote = nodes.filter(({ host }) => !isLoopback(host));
  if (!tls && remote.length > 0) log().warn({ event: 'redis_without_tls' });
}

/**
 * Checks the configuration, opens the session store, starts the sweep of expired sessions and the tracking of
 * disconnected clients, marks the further lines of what Next prints in production, and makes an orderly stop wait for
 * revocations in flight and exit with 0. An invalid configuration, an unusable session database or a SQLite that may
 * lose writes is reported on standard error, and the process exits with 1: a server that stayed up would fail every
 * request. A store that does not answer yet may do so later.
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
  if (process.env.NODE_ENV === 'production')
    for (const stream of [process.stdout, process.stderr]) markFurtherLines(stream);
  warnOfPlainText();
  void sweepRegularly();
  // Next waits for open streams, which never end by themselves: browsers reconnect, to another process.
  const stopInOrder = () => {
    stop();
    beforeExit(revocationsOver);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stopInOrder);
  // Next finishes the requests in flight after SIGTERM, and then exits with the signal's code, as after a failure.
  process.on('exit', (code) => {
    if (code === SIGTERM_EXIT_CODE) process.exitCode = 0;
  });
  trackResponses();
}
