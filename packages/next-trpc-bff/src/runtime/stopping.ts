import { setMaxListeners } from 'node:events';
import { onePerProcess } from './process.js';

const controller = () =>
  onePerProcess('stopping', () => {
    const stopping = new AbortController();
    // Every open stream listens.
    setMaxListeners(0, stopping.signal);
    return stopping;
  });

/** Returns the signal that aborts when the process was asked to stop: what would never end by itself ends then. */
export const stopping = (): AbortSignal => controller().signal;

/** Ends what would never end by itself: a server that stops waits for what is open. */
export function stop(): void {
  controller().abort();
}

/**
 * Puts off the end of the process: Next exits as soon as the last request is answered, and what goes on in the
 * background would be lost.
 *
 * @param work - Awaited once the process is about to exit, however it ends; must not last for ever
 */
export function beforeExit(work: () => Promise<unknown>): void {
  const exit = process.exit.bind(process);
  Object.assign(process, { exit: (code?: number) => void work().finally(() => exit(code)) });
}
