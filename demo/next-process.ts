import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const NEXT = createRequire(import.meta.url).resolve('next/dist/bin/next');
const STOP_TIMEOUT_MS = 10_000;

export interface NextProcess {
  /** Resolves to the exit code once Next is gone; 1 when a signal ended it. */
  exited: Promise<number>;
  /** Aborts once Next is gone or was asked to go. */
  signal: AbortSignal;
  /** Ends Next and every process it started; resolves when none is left. */
  stop(): Promise<void>;
}

/** Starts Next's command line, with its output on ours. */
export function runNext(parameters: string[], environment: NodeJS.ProcessEnv): NextProcess {
  const child = spawn(process.execPath, [NEXT, ...parameters], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
    // A group of its own, so that the workers can be ended with it; Ctrl-C then reaches only us.
    detached: true,
  });
  const gone = new AbortController();
  const killWithUs = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', killWithUs);
  const exited = once(child, 'exit').then(([code]: unknown[]) => {
    gone.abort();
    return typeof code === 'number' ? code : 1;
  });

  return {
    exited,
    signal: gone.signal,
    async stop() {
      gone.abort();
      signalGroup(child.pid, 'SIGTERM');
      const timeout = new AbortController();
      await Promise.race([exited, sleep(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false })]);
      timeout.abort();
      signalGroup(child.pid, 'SIGKILL');
      process.removeListener('exit', killWithUs);
    },
  };
}

function signalGroup(groupId: number | undefined, signal: NodeJS.Signals): void {
  if (groupId === undefined) return;
  try {
    process.kill(-groupId, signal);
  } catch {
    // No process of the group is left.
  }
}
