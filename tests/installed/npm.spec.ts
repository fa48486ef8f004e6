import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type AdoptedApp, adopt } from '../support/adopted-app';
import { drive, start, writeOwnPart } from './drive';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

let app: AdoptedApp;
test.beforeAll(() => {
  app = adopt({ packageManager: 'npm', inSrc: false });
  writeOwnPart(app.folder);
});
test.afterAll(() => app?.remove());

test('A19 a default app with cacheComponents builds with the package', () => {
  app.run('next', 'build');
});

test('A20 it type-checks by its own tsconfig, and lints by its own ESLint', () => {
  app.run('tsc', '--noEmit');
  app.run('eslint', '--max-warnings', '0');
});

test('A19 built, it signs in, calls, renews, is thrown out and signs out', async ({ page }) => {
  const started = await start(app.folder, ['start']);
  try {
    await drive(page, started);
  } finally {
    await started.stop();
  }
});

test('A19 in development it does the same', async ({ page }) => {
  const started = await start(app.folder, ['dev']);
  try {
    await drive(page, started);
  } finally {
    await started.stop();
  }
});

const CACHED_PAGE = `import { Suspense } from 'react';
import { caller } from '@/trpc/server';

async function Cached() {
  'use cache';
  const { items } = await caller.notes.list({ limit: 5 });
  return <p>{items.length}</p>;
}

export default function Page() {
  return (
    <Suspense>
      <Cached />
    </Suspense>
  );
}
`;

test("A19 caller inside 'use cache' fails with a sentence that says what to do", async ({ request }) => {
  mkdirSync(join(app.folder, 'app/cached'));
  writeFileSync(join(app.folder, 'app/cached/page.tsx'), CACHED_PAGE);
  const started = await start(app.folder, ['dev']);
  try {
    const cookie = `bff-session=v1.${'A'.repeat(43)}`;
    const response = await request.get(`${started.origin}/cached`, { headers: { cookie } });
    expect(await response.text()).toContain("Call them outside the function or component with 'use cache'");
  } finally {
    await started.stop();
  }
});
