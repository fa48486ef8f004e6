import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { buildIn, copyProject } from '../support/project-copy';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What the README's "Start your own" says to delete. */
const DELETED = [
  'demo',
  'app/(demo)',
  'server/routers/notes.ts',
  'server/routers/attachments.ts',
  'tests',
  'bench',
  'vitest.config.ts',
];

test('what is left after deleting the demo as the README says builds', () => {
  test.setTimeout(180_000);
  const startYourOwn =
    readFileSync(join(ROOT, 'README.md'), 'utf8').split('## Start your own')[1]?.split('\n## ')[0] ?? '';
  for (const path of DELETED) expect(startYourOwn).toContain(`\`${path}`);

  const copy = copyProject();
  try {
    for (const path of DELETED) rmSync(join(copy, path), { recursive: true });
    const map = readFileSync(join(copy, 'server/routers.ts'), 'utf8');
    const without = map.split('\n').filter((line) => !/notesRouter|attachmentsRouter/.test(line));
    expect(map.split('\n').length - without.length).toBe(2);
    writeFileSync(join(copy, 'server/routers.ts'), without.join('\n'));

    const build = buildIn(copy);
    expect(build.stdout + build.stderr).toContain('/api/trpc/[trpc]');
    expect(build.status).toBe(0);
    expect(build.stdout).not.toContain('/notes');
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
