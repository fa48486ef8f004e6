import { spawnSync } from 'node:child_process';

/** Makes a process print the processor time that it used, ms, as the last thing it does. */
const PRINT_CPU = `data:text/javascript,process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  console.error((user + system) / 1000);
})`;

/** What a type check took, ms. */
export interface Cost {
  readonly elapsed: number;
  /** Of all threads; it depends less on what else the machine does. */
  readonly cpu: number;
}

/**
 * Type-checks a folder anew, by its own tsconfig.json.
 *
 * @param tsc - The compiler's file
 * @throws {Error} when there are errors; its message lists them
 */
export function typeCheck(tsc: string, folder: string): Cost {
  const began = performance.now();
  const parameters = ['--import', PRINT_CPU, tsc, '--noEmit', '--incremental', 'false', '-p', folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout);
  return { elapsed: performance.now() - began, cpu: Number(stderr.trim()) };
}

/** Returns the least, the median and the greatest of some numbers, e.g. `9 / 10 / 12`. */
export function spread(numbers: readonly number[], digits = 0): string {
  const sorted = numbers.toSorted((a, b) => a - b).map((number) => number.toFixed(digits));
  return [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].join(' / ');
}
