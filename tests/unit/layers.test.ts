import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/environment';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Lints files in a copy of the project's set-up, and returns what the linter complains about. */
function lint(files: Record<string, string>): string {
  const folder = temporaryFolder();
  const configuration = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...configuration, vcs: { enabled: false } }));
  copyFileSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const run = spawnSync(process.execPath, [biome, 'lint', ...Object.keys(files)], {
    cwd: folder,
    encoding: 'utf8',
  });
  return run.stdout + run.stderr;
}

const importing = (source: string) => `import { x } from '${source}';\nexport const y = x;\n`;

test.each([
  ['server/x.ts', '../trpc/links', 'Imports run app → trpc → server.'],
  ['server/session/x.ts', '@/app/page', 'Imports run app → trpc → server.'],
  ['server/x.ts', '../auth', 'Imports run app → trpc → server.'],
  ['server/x.ts', 'next/headers', 'server/ runs without Next.'],
  ['server/x.ts', 'react', 'server/ runs without React.'],
  ['server/x.ts', 'next-auth', 'server/ does not know Auth.js'],
  ['trpc/x.ts', '@/app/page', 'Imports run app → trpc → server.'],
  ['app/x.ts', '@/demo/services', 'The layer never imports demo/ or tests/.'],
  ['server/x.ts', '../tests/support/app', 'Imports run app → trpc → server.'],
])('the layer rule stops %s from importing %s', (file, source, message) => {
  expect(lint({ [file]: importing(source) })).toContain(message);
});

test('imports downwards are fine', () => {
  expect(
    lint({ 'app/x.ts': importing('@/trpc/server'), 'trpc/x.ts': importing('../server/router') }),
  ).not.toContain('noRestrictedImports');
});

test('a circle of imports is stopped', () => {
  const complaint = lint({
    'server/x.ts': importing('./y'),
    'server/y.ts': "import { y } from './x';\nexport const x = y;\n",
  });
  expect(complaint).toContain('This import is part of a cycle.');
});
