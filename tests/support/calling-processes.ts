import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { z } from 'zod';

const SCRIPT = fileURLToPath(new URL('calling-process.ts', import.meta.url));
const CLOCK = new URL('shift-clock.mjs', import.meta.url).href;
const report = z.object({
  owners: z.array(z.string()),
  lease: z.object({ tried: z.number(), won: z.number() }),
});

/** What a process saw: whose notes each call got, and its tries for the refresh lease so far. */
export type Report = z.infer<typeof report>;

/**
 * Starts processes that run the layer with this process's configuration. Stopped after the test file.
 *
 * @param clockShiftsMs - How wrong each one's clock is; their number is the number of processes
 */
export async function startCallingProcesses(clockShiftsMs: readonly number[]): Promise<ChildProcess[]> {
  const children = clockShiftsMs.map((shift) =>
    fork(SCRIPT, {
      execArgv: ['--import', CLOCK, '--import', 'tsx'],
      env: { ...process.env, CLOCK_SHIFT_MS: String(shift) },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    }),
  );
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  await Promise.all(children.map((child) => once(child, 'message')));
  return children;
}

/** Has a process make parallel calls with a session's cookie. */
export async function callFrom(child: ChildProcess, cookie: string, calls: number): Promise<Report> {
  const answer = once(child, 'message');
  child.send({ cookie, calls });
  return report.parse((await answer)[0]);
}

/** Collects what a process prints from now on. */
export function outputOf(child: ChildProcess): () => string {
  const pieces: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  return () => pieces.join('');
}
