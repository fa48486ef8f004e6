import { setTimeout } from 'node:timers/promises';
import { describeError, log } from '../runtime/process.js';
import { stopping } from '../runtime/stopping.js';
import { sessionStore } from './state.js';

const SWEEP_INTERVAL_MS = 10 * 60 * 1000;

/** Remembered in the store by the process that sweeps, so that the others need not. */
const TURN = 'sweep';

/** Sweeps the session store every ten minutes, for as long as the process lives, and does not keep it alive. */
export async function sweepRegularly(): Promise<never> {
  for (;;) {
    await setTimeout(SWEEP_INTERVAL_MS, undefined, { ref: false });
    await sweepSessions();
  }
}

/**
 * Deletes what the session store holds no longer than for {@link SessionStore.sweep}, a few records at a time. Of the
 * processes that share a store one does it. Ends early when this process is to stop, and logs a store that fails.
 *
 * @returns How many records it deleted; null when another process has done it in the last minutes
 */
export async function sweepSessions(): Promise<number | null> {
  const now = Date.now();
  let deleted = 0;
  try {
    const store = sessionStore();
    if (!(await store.markSeen(TURN, now + SWEEP_INTERVAL_MS / 2))) return null;
    let batch: number;
    do {
      const began = performance.now();
      batch = await store.sweep(now);
      deleted += batch;
      // The others have the event loop, and the store, for as long as it took.
      await setTimeout(performance.now() - began);
    } while (batch > 0 && !stopping().aborted);
    log().info({ event: 'sessions_swept', deleted });
  } catch (error) {
    log().warn({ event: 'sweep_failed', deleted, error: describeError(error) });
  }
  return deleted;
}
