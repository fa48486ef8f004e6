import type { Page } from '@playwright/test';
import type { RunningApp } from '../support/app';
import { rowOf } from '../support/session-rows';
import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';

async function signOutAndBack(page: Page, app: RunningApp) {
  await signIn(page, 'alice');
  const context = page.context();
  const sessionToken = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
  const hops = recordHops(page, app);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeVisible();
  await page.waitForURL((url) => url.origin === app.origin && url.pathname === '/login');

  expect(hops.map(({ method, status, path }) => `${method} ${status} ${path}`)).toEqual([
    'POST 303 /logout',
    'GET 200 /login',
  ]);
  expect(new URL(hops[0]?.location ?? '').origin).toBe(app.demo.issuer);
  expect(await hasSessionCookie(context)).toBe(false);
  expect(rowOf(app, sessionToken)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
  expect(await app.counters()).toMatchObject({ revocations: 1 });

  // The provider has forgotten the user too: it asks for the password.
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.waitForURL(`${app.demo.issuer}/interaction/*`);
  await expect(page.getByLabel('Password')).toBeVisible();
}

test('L5 POST signs out here and at the provider', async ({ page, app }) => {
  await signOutAndBack(page, app);
});

test('L5 POST signs out in the application and at the provider without JavaScript', async ({
  browser,
  app,
}) => {
  const context = await browser.newContext({ baseURL: app.origin, javaScriptEnabled: false });
  await signOutAndBack(await context.newPage(), app);
  await context.close();
});
