import { readFileSync } from 'node:fs';

const SAMPLE_INTERVAL_MS = 20;

/** How much memory a process holds, bytes: on Linux. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kilobytes === undefined) throw new Error(`Process ${pid} holds no memory.`);
  return Number(kilobytes) * 1024;
}

/** Returns by how much a process's memory grew at most while something ran, bytes. */
export async function growthWhile(pid: number, run: () => Promise<unknown>): Promise<number> {
  const before = residentBytes(pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid));
  }, SAMPLE_INTERVAL_MS);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, residentBytes(pid)) - before;
}
