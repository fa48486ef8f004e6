import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEFT_OUT = ['node_modules', '.next', '.git', '.data', 'test-results', 'next-env.d.ts'];

/**
 * Copies the project into a folder of its own, below the project so that it finds the same packages.
 *
 * @param leftOut - Names at the top that the copy does not need, besides what is made anew
 * @returns The folder; whoever asked removes it
 */
export function copyProject(leftOut: readonly string[] = []): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.data', 'copy-'));
  for (const name of readdirSync(ROOT).filter((entry) => ![...LEFT_OUT, ...leftOut].includes(entry)))
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  return copy;
}

/** Runs `next build` in a copy, with Turbopack unless flags say otherwise. */
export function buildIn(
  folder: string,
  environment: Record<string, string> = {},
  flags: readonly string[] = [],
) {
  const next = join(ROOT, 'node_modules/next/dist/bin/next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...environment };
  return spawnSync(process.execPath, [next, 'build', ...flags], { cwd: folder, encoding: 'utf8', env });
}
