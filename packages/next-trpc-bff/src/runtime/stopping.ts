import { setMaxListeners } from 'node:events';
import { onePerProcess } from './process.js';

const controller = () =>
  onePerProcess('stopping', () => {
    const stopping = new AbortController();
    // Every open stream adds a listener.
    setMaxListeners(0, stopping.signal);
    return stopping;
  });

/**
 * Returns the signal that aborts when the process is asked to stop: open streams, which would never end by themselves,
 * end then.
 */
export const stopping = (): AbortSignal => controller().signal;

/** Ends open streams, which would never end by themselves: a server that stops waits for open connections. */
export function stop(): void {
  controller().abort();
}

/**
 * Delays the end of the process: Next exits as soon as the last request is answered, and work in the background would
 * be lost.
 *
 * @param work - Awaited once the process is about to exit, however it ends; must not take forever
 */
export function beforeExit(work: () => Promise<unknown>): void {
  const exit = process.exit.bind(process);
  Object.assign(process, { exit: (code?: number) => void work().finally(() => exit(code)) });
}
