import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { hasWalResetBug } from '../../packages/next-trpc-bff/src/session/sqlite/version';

test.each([
  ...['3.6.23', '3.7.0', '3.44.5', '3.45.1', '3.49.2', '3.50.0', '3.50.6', '3.51.0', '3.51.2'].map(
    (version) => [version, true] as const,
  ),
  ...['3.44.6', '3.50.7', '3.51.3', '3.52.0', '3.53.0', '3.100.0', '4.0.0'].map(
    (version) => [version, false] as const,
  ),
])('R10 SQLite %s has the WAL-reset bug: %s', (version, isAffected) => {
  expect(hasWalResetBug(version)).toBe(isAffected);
});

test('R10 the SQLite that is installed is free of the WAL-reset bug', () => {
  const { version } = openDatabase(':memory:')
    .prepare<{ version: string }>('SELECT sqlite_version() AS version')
    .get() ?? { version: '' };
  expect([version, hasWalResetBug(version)]).toEqual([version, false]);
});

test('one file knows the SQLite library', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folders = ['app', 'bench', 'demo', 'server', 'tests', 'trpc', 'packages'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const importing = files.filter(
    (path) =>
      /\.(ts|tsx|mjs)$/.test(path) &&
      !/node_modules|\/dist\//.test(path) &&
      /from '(@photostructure|node:)\/?sqlite'/.test(readFileSync(join(root, path), 'utf8')),
  );
  expect(importing).toEqual(['packages/next-trpc-bff/src/session/sqlite/driver.ts']);
});
