import type { Page } from '@playwright/test';
import { z } from 'zod';
import { keyringFrom, openTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { AUTH_SECRET, type RunningApp, startApp } from '../support/app';
import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';

const TARGET = '/notes?x=1';

/** Types login and password into our own form and submits it. */
async function tryPassword(page: Page, password: string, path = TARGET): Promise<void> {
  if (!page.url().includes('/login')) await page.goto(`/login?callbackUrl=${encodeURIComponent(path)}`);
  await page.getByLabel('Username').fill('alice');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in with password' }).click();
}

async function signInWithPassword(page: Page, path = TARGET): Promise<void> {
  await tryPassword(page, 'demo', path);
  await page.waitForURL((url) => url.pathname + url.search === path);
}

const sessionCookie = async (page: Page) =>
  (await page.context().cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';

test('T17 /login shows both ways to sign in, the provider first', async ({ page }) => {
  await page.goto('/login');
  const buttons = page.locator('button[type=submit]');
  await expect(buttons).toHaveText([
    'Continue with single sign-on',
    'Use another account',
    'Sign in with password',
  ]);
  await expect(page.getByLabel('Username')).toHaveAttribute('autocomplete', 'username');
  await expect(page.getByLabel('Password')).toHaveAttribute('autocomplete', 'current-password');
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(`T17 ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, () => {
    test.use({ javaScriptEnabled });

    test('login and password sign in and redirect to callbackUrl', async ({ page, context, app }) => {
      await signInWithPassword(page);
      await expect(page.getByTestId('user')).toHaveText('Alice Archer');
      expect(await isLive(context, app)).toBe(true);
      expect(await app.counters()).toMatchObject({ loginRequests: 1, tokenRequests: 0 });
    });

    test('a wrong password shows a message, keeps the login, and the next attempt works', async ({
      page,
      context,
    }) => {
      await tryPassword(page, 'wrong');
      await expect(page.getByText('Username and password do not match.')).toHaveRole('alert');
      await expect(page.getByLabel('Username')).toHaveValue('alice');
      await expect(page.getByLabel('Password')).toHaveValue('');
      expect(await hasSessionCookie(context)).toBe(false);
      await page.getByLabel('Password').fill('demo');
      await page.getByRole('button', { name: 'Sign in with password' }).click();
      await page.waitForURL((url) => url.pathname + url.search === TARGET);
    });

    test('throttling and an API that is down show a message', async ({ page, app }) => {
      for (let n = 0; n < 5; n += 1)
        await fetch(`${app.demo.apiUrl}/login`, {
          method: 'POST',
          body: JSON.stringify({ login: 'alice', password: 'wrong' }),
        });
      await tryPassword(page, 'demo');
      await expect(page.getByText(/Too many attempts\. Please try again in \d+ seconds\./)).toBeVisible();
      await app.control('reset');
      await app.control('knobs', { api: { status: 503 } });
      await tryPassword(page, 'demo');
      await expect(page.getByText('The sign-in does not answer right now.')).toBeVisible();
    });

    test('L5 sign-out lands on /login, signed out at the API too', async ({ page, context, app }) => {
      await signInWithPassword(page);
      const copy = await sessionCookie(page);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL('**/login?reason=signed-out');
      expect(await hasSessionCookie(context)).toBe(false);
      expect(await app.counters()).toMatchObject({ revocations: 1 });
      await context.addCookies([{ name: 'bff-session', value: copy, url: app.origin }]);
      expect(await isLive(context, app)).toBe(false);
    });
  });
}

test('T17 the sign-in loads a new document, so that nothing of an earlier user stays in memory', async ({
  page,
  app,
}) => {
  await page.goto(`/login?callbackUrl=${encodeURIComponent(TARGET)}`);
  await page.evaluate(() => Object.assign(window, { marker: true }));
  const hops = recordHops(page, app);
  await signInWithPassword(page);
  expect(await page.evaluate(() => 'marker' in window)).toBe(false);
  expect(hops.map(({ status, path }) => `${status} ${path}`)).toEqual(['303 /api/login', `200 ${TARGET}`]);
});

test('T17 while a sign-in at the provider begins, the password form is disabled', async ({ page }) => {
  await page.goto('/login');
  // The browser is asked nothing while it navigates: the page notes it down as it leaves.
  await page.evaluate(() =>
    addEventListener('pagehide', () =>
      sessionStorage.setItem('rests', String(document.querySelector('[name=username]:disabled') !== null)),
    ),
  );
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.waitForURL('**/interaction/*');
  await page.goBack();
  expect(await page.evaluate(() => sessionStorage.getItem('rests'))).toBe('true');
  await expect(page.getByLabel('Username')).toBeEnabled();
});

const NO_PROVIDER = { AUTH_OIDC_ISSUER: '', AUTH_OIDC_ID: '', AUTH_OIDC_SECRET: '' };
const NO_OWN_LOGIN = { UPSTREAM_LOGIN_PATH: '', UPSTREAM_REFRESH_PATH: '', UPSTREAM_LOGOUT_PATH: '' };

for (const [way, changes, buttons] of [
  ['the provider', NO_OWN_LOGIN, ['Continue with single sign-on', 'Use another account']],
  ['the password', NO_PROVIDER, ['Sign in with password']],
] as const) {
  test(`T17 where only ${way} is configured, /login shows nothing else`, async ({ page }) => {
    const own = await startApp(changes);
    await page.goto(`${own.origin}/login`);
    await expect(page.locator('button[type=submit]')).toHaveText([...buttons]);
    await own.stop();
  });
}

test('S3 a sign-in with password makes a new session token and ends the previous session', async ({
  page,
  context,
  browser,
  app,
}) => {
  await signIn(page, 'bob');
  const before = await sessionCookie(page);
  const form = await browser.newPage({ baseURL: app.origin });
  await form.goto(`/login?callbackUrl=${encodeURIComponent(TARGET)}`);
  await form.context().addCookies([{ name: 'bff-session', value: before, url: app.origin }]);
  await signInWithPassword(form);
  const after = await sessionCookie(form);
  await form.context().close();
  expect(after).not.toBe(before);
  expect(await isLive(context, app)).toBe(false);
});

test('T17 a session of the API’s own login survives an expiry and ends with its refresh token', async ({
  page,
  context,
  app,
}) => {
  await signInWithPassword(page);
  await app.control('expire', { user: 'alice' });
  await page.reload();
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
  expect(await app.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
  await app.control('revoke', { user: 'alice' });
  await page.reload();
  await page.waitForURL('**/login?reason=expired&**');
  expect(await hasSessionCookie(context)).toBe(false);
});

test('S8 Auth.js’s own endpoint for passwords is closed', async ({ context, app }) => {
  const { csrfToken } = await (await context.request.get(`${app.origin}/api/auth/csrf`)).json();
  const response = await context.request.post(`${app.origin}/api/auth/callback/password`, {
    form: { csrfToken, login: 'alice', password: 'demo' },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(404);
  expect(await hasSessionCookie(context)).toBe(false);
  expect(await app.counters()).toMatchObject({ loginRequests: 0 });
});

test('S1 neither password nor token is in a page, a stored value, an address or a log line', async ({
  page,
  app,
}) => {
  // The app is the worker's: what it printed before is other tests' business.
  const printed = app.output().length;
  const seen: string[] = [];
  page.on('response', async (response) => {
    if (new URL(response.url()).origin !== app.origin) return;
    seen.push(response.url(), await response.text().catch(() => ''));
  });
  const password = 'not-the-password-of-anybody';
  await tryPassword(page, password);
  await expect(page.getByRole('alert').filter({ hasText: 'do not match' })).toBeVisible();
  await app.control('knobs', { api: { status: 500 } });
  await tryPassword(page, password);
  await expect(page.getByText('The sign-in does not answer right now.')).toBeVisible();
  await app.control('knobs');
  await signInWithPassword(page);
  const { accessToken, refreshToken } = storedTokens(app);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login?reason=signed-out');

  const storage = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  const everything = [...seen, storage, await page.content(), app.output()].join('\n');
  for (const secret of [password, accessToken, refreshToken ?? 'none', 'access_token'])
    expect(everything).not.toContain(secret);
  expect(app.output().slice(printed)).not.toContain('auth_error');
  expect(app.output().slice(printed)).toContain('"event":"session_started"');
});

/** The tokens of the one session that is live, as the app itself would open them. */
function storedTokens({ databaseFile }: RunningApp) {
  const row = openDatabase(databaseFile)
    .prepare('SELECT key, sealed_tokens FROM sessions WHERE ended_at IS NULL')
    .get();
  const { key, sealed_tokens } = z.object({ key: z.string(), sealed_tokens: z.string() }).parse(row);
  const tokens = openTokens(sealed_tokens, key, keyringFrom([AUTH_SECRET]));
  if (!tokens) throw new Error('The tokens do not open.');
  return tokens;
}
