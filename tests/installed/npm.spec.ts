import { test } from '@playwright/test';
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
