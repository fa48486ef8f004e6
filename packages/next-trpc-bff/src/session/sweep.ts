import { setTimeout } from 'node:timers/promises';
import { describeError, log } from '../runtime/process.js';
import { stopping } from '../runtime/stopping.js';
import { sessionStore } from './state.js';

const SWEEP_INTERVAL_MS = 10 * 60 * 1000;

/** The name that the sweeping process marks as seen in the store, so that the others skip that sweep. */
const TURN = 'sweep';

/** Sweeps the session store every ten minutes; does not keep the process alive. */
export async function sweepRegularly(): Promise<never> {
  for (;;) {
    await setTimeout(SWEEP_INTERVAL_MS, undefined, { ref: false });
    await sweepSessions();
  }
}

/**
 * Deletes what has expired from the session store, a few records at a time, see {@link SessionStore.sweep}. Of the
 * processes that share a store one does it. Ends early when the process is asked to stop, and logs a failing store.
 *
 * @returns How many records it deleted; null when another process has swept in the last minutes
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
      // Leaves event loop and store to other calls for as long as the deletion took.
      await setTimeout(performance.now() - began);
    } while (batch > 0 && !stopping().aborted);
    log().info({ event: 'sessions_swept', deleted });
  } catch (error) {
    log().warn({ event: 'sweep_failed', deleted, error: describeError(error) });
  }
  return deleted;
}
