import type { Page } from '@playwright/test';
import { sessionRows } from '../support/session-rows';
import { expect, hasSessionCookie, recordHops, test } from './fixtures';

test('S11 a failed code exchange shows a message, creates no session, and does not loop', async ({
  page,
  context,
  app,
}) => {
  await app.control('knobs', { token: { status: 503 } });
  await beginIn(page);
  const hops = recordHops(page, app);
  await finishIn(page);
  await expect(page.getByText('The sign-in could not be completed. Please try again.')).toBeVisible();
  expect(hops.length).toBeLessThanOrEqual(2);
  expect(await hasSessionCookie(context)).toBe(false);
});

async function beginIn(page: Page): Promise<void> {
  await page.goto('/login?callbackUrl=/notes');
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
}

async function finishIn(page: Page): Promise<void> {
  await page.getByLabel('Login').fill('alice');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

for (const order of [
  ['begin A', 'begin B', 'finish A', 'finish B'],
  ['begin A', 'begin B', 'finish B', 'finish A'],
] as const) {
  test(`S11 two tabs, ${order.join(', ')}: both end signed in`, async ({ context, app }) => {
    const tabs = { A: await context.newPage(), B: await context.newPage() };
    for (const step of order) {
      const page = step.endsWith('A') ? tabs.A : tabs.B;
      if (step.startsWith('begin')) await beginIn(page);
      else {
        const hops = recordHops(page, app);
        await finishIn(page);
        await page.waitForURL(`${app.origin}/notes`);
        await expect(page.getByTestId('user')).toHaveText('Alice Archer');
        expect(hops.length).toBeLessThanOrEqual(4);
      }
    }
    for (const page of Object.values(tabs)) {
      await page.reload();
      await expect(page.getByTestId('user')).toHaveText('Alice Archer');
    }
    expect(
      sessionRows(app).filter(({ subject, ended_at }) => subject === 'alice' && ended_at === null),
    ).not.toEqual([]);
  });
}

test('S11 a garbage callback-url cookie neither breaks a session read nor locks a user out', async ({
  page,
  context,
  app,
}) => {
  await context.addCookies([{ name: 'bff-callback-url', value: 'nonsense', url: app.origin }]);
  expect((await context.request.get('/api/auth/session')).status()).toBe(200);
  await context.addCookies([{ name: 'bff-callback-url', value: '%E0%A4%A', url: app.origin }]);
  await beginIn(page);
  await finishIn(page);
  await page.waitForURL(`${app.origin}/notes`);
});
