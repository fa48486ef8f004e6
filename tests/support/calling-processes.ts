import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { z } from 'zod';

const SCRIPT = fileURLToPath(new URL('calling-process.ts', import.meta.url));
const report = z.object({
  owners: z.array(z.string()),
  lease: z.object({ tried: z.number(), won: z.number() }),
});

/** What a process saw: whose notes each call got, and its tries for the refresh lease so far. */
export type Report = z.infer<typeof report>;

/** Starts processes that run the layer with this process's configuration. Stopped after the test file. */
export async function startCallingProcesses(count: number): Promise<ChildProcess[]> {
  const children = Array.from({ length: count }, () =>
    fork(SCRIPT, { execArgv: ['--import', 'tsx'], env: process.env }),
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
