import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type AdoptedApp, adopt } from '../support/adopted-app';
import { signIn, start, writeOwnPart } from './drive';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

let app: AdoptedApp;
test.beforeAll(() => {
  app = adopt({ packageManager: 'pnpm', inSrc: true });
  writeOwnPart(join(app.folder, 'src'));
});
test.afterAll(() => app?.remove());

test('A19 an app with pnpm’s layout and src/ builds and type-checks with the package', () => {
  app.run('next', 'build');
  app.run('tsc', '--noEmit');
});

test('A19 it signs in and calls the API', async ({ page }) => {
  const started = await start(app.folder, ['start']);
  try {
    await page.goto(`${started.origin}/dash`);
    await signIn(page);
    await expect(page.getByRole('listitem')).not.toHaveCount(0);
  } finally {
    await started.stop();
  }
});
