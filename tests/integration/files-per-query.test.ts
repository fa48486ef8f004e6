import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_FILES = 15;

test(`a query goes through ${MOST_FILES} of our files at most`, () => {
  const output = execFileSync(process.execPath, ['--import', 'tsx', 'bench/files-per-query.ts'], {
    cwd: ROOT,
    // The engine's source and not its build, as in every other test.
    env: { ...process.env, TSX_TSCONFIG_PATH: 'tests/tsconfig.json' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const files = output.trim().split('\n');
  expect(files).toContain('packages/next-trpc-bff/src/procedures/handler.ts');
  expect(files.length, output).toBeLessThanOrEqual(MOST_FILES);
});
