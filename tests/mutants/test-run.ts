import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Mutant } from './mutant';

/** Vitest says `Tests  1 failed | 3 passed`, Playwright `1 failed` and `3 passed` on lines of their own. */
const FAILED = /^ *(?:Tests +)?\d+ failed/m;
const PASSED = /^ *(?:Tests +)?\d+ passed/m;

const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1'];
const PLAYWRIGHT = ['node_modules/@playwright/test/cli.js', 'test', '-c', 'tests/e2e', '-x'];

/**
 * Runs the tests that a mutant names, after a build where they are end-to-end tests, until one fails.
 *
 * @param folder - A copy of the project, absolute
 * @returns Whether a test failed
 * @throws Error - When the build failed or no test ran, with what was printed
 */
export async function hasFailingTest(
  folder: string,
  { kind, file, title }: Mutant['tests'],
): Promise<boolean> {
  if (kind === 'e2e') {
    const build = await run(folder, 'npm', 'run', 'build');
    if (build.exitCode !== 0) throw new Error(`A mutant must build.\n${build.output}`);
  }
  const command =
    kind === 'e2e'
      ? [...PLAYWRIGHT, `${kind}/${file}`, ...(title ? ['-g', title] : [])]
      : [...VITEST, '--project', kind, `${kind}/${file}`, ...(title ? ['-t', title] : [])];
  const { exitCode, output } = await run(folder, process.execPath, ...command);
  const hasRun = (exitCode === 0 ? PASSED : FAILED).test(output);
  if (!hasRun) throw new Error(`No test ran.\n${output}`);
  return exitCode !== 0;
}

async function run(cwd: string, command: string, ...args: string[]) {
  const env = { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, output: stdout + stderr };
}
