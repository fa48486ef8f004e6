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

const ENGINE = 'packages/next-trpc-bff/src';

test.each([
  ['server/x.ts', '../trpc/links', 'Imports run app → trpc → server.'],
  ['server/routers/x.ts', '@/app/page', 'Imports run app → trpc → server.'],
  ['server/x.ts', '../auth', 'Imports run app → trpc → server.'],
  ['server/x.ts', 'next/headers', 'server/ runs without Next.'],
  ['server/x.ts', 'next-trpc-bff/rsc', 'server/ runs without Next'],
  ['server/x.ts', 'react', 'server/ runs without React.'],
  ['server/x.ts', 'next-auth', 'server/ does not know Auth.js'],
  ['server/x.ts', '../tests/support/app', 'Imports run app → trpc → server.'],
  ['trpc/x.ts', '@/app/page', 'Imports run app → trpc → server.'],
  ['app/x.ts', '@/demo/run', 'The application never imports demo/ or tests/.'],
  ['app/x.ts', 'next-trpc-bff-demo/services', 'The application never imports demo/ or tests/.'],
  ['app/x.ts', '@/packages/next-trpc-bff/src/server', 'The application knows the engine by its entries'],
  [`${ENGINE}/procedures/x.ts`, '@/server/trpc', 'The engine knows no application'],
  [`${ENGINE}/rsc/x.ts`, 'next-trpc-bff/server', 'The engine knows no application'],
  [`${ENGINE}/rsc/x.ts`, 'next-trpc-bff-demo/services', 'The engine knows no application'],
  [`${ENGINE}/procedures/x.ts`, 'next/headers', 'This room runs without Next.'],
  [`${ENGINE}/session/sqlite/x.ts`, 'react', 'This room runs without React.'],
  [`${ENGINE}/auth/tokens/x.ts`, 'next-auth', 'This room does not know Auth.js'],
  [`${ENGINE}/client/x.ts`, 'node:crypto', 'client/ runs in the browser.'],
  [`${ENGINE}/client/x.ts`, '../session/state.js', 'client/ runs in the browser.'],
])('the layer rule stops %s from importing %s', (file, source, message) => {
  expect(lint({ [file]: importing(source) })).toContain(message);
});

test('imports downwards are fine', () => {
  const files = {
    'app/x.ts': importing('@/trpc/server'),
    'trpc/x.ts': importing('../server/router'),
    'server/x.ts': importing('next-trpc-bff/server'),
    [`${ENGINE}/auth/sign-in/x.ts`]: importing('next-auth'),
    [`${ENGINE}/client/x.ts`]: importing('../http/wire.js'),
  };
  expect(lint(files)).not.toContain('noRestrictedImports');
});

test.each([
  ['values', "import { y } from './x.js';\nexport const x = y;\n", importing('./y.js')],
  [
    'types',
    "import type { Y } from './x.js';\nexport type X = Y;\n",
    "import type { X } from './y.js';\nexport type Y = X | null;\n",
  ],
])('a circle of imports is stopped, of %s', (_, y, x) => {
  const complaint = lint({ [`${ENGINE}/http/x.ts`]: x, [`${ENGINE}/http/y.ts`]: y });
  expect(complaint).toContain('This import is part of a cycle.');
});
