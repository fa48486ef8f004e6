import type { BrowserContext } from '@playwright/test';
import { startApp } from '../support/app';
import { cookieAttributes, cookieIn, isSessionLive, plainRequest } from '../support/plain-http';
import { rowOf, whileStoreIsDown, whileStoreIsReadOnly } from '../support/session-rows';
import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';

// Every row of L0 to L5 is tried in tests/integration/logout.test.ts; here Chromium meets each of them once, L2 in
// logout-cross-site.spec.ts and L5 in logout-post.spec.ts.

const ABSENT = `v1.${'A'.repeat(43)}`;

const handleIn = async (context: BrowserContext) =>
  (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';

test('L0 what a page loads from /logout without going there is text, and signs nobody out', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const fetched = await page.evaluate(async () => {
    const response = await fetch('/logout', { redirect: 'manual' });
    return [response.status, response.headers.get('content-type'), await response.text()];
  });
  expect(fetched).toEqual([
    200,
    'text/plain; charset=utf-8',
    'Open this address in the browser, as a page.\n',
  ]);
  const framed = page.waitForResponse((response) => response.url() === `${app.origin}/logout`);
  await page.evaluate(() =>
    document.body.append(Object.assign(document.createElement('iframe'), { src: '/logout' })),
  );
  expect((await framed).status()).toBe(200);
  expect(await isLive(context, app)).toBe(true);
});

test('L1 a soft navigation to /logout while live comes back, still live', async ({ page, context, app }) => {
  await signIn(page, 'alice', '/overview');
  const hops = recordHops(page, app);
  await page.evaluate('window.next.router.push("/logout?callbackUrl=%2Fnotes")');
  await page.waitForURL('**/notes');
  expect(hops.map(({ status, path }) => `${status} ${path}`)).toEqual([
    '303 /logout?callbackUrl=%2Fnotes',
    '200 /notes',
  ]);
  expect(await isLive(context, app)).toBe(true);
});

test('L3 a visit clears a dead cookie with the attributes it was set with, and a second visit changes nothing', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const [set] = (await context.cookies()).filter(({ name }) => name === 'bff-session');
  expect(set).toMatchObject({
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: false,
    domain: 'localhost',
  });
  await context.addCookies([{ name: 'bff-session', value: ABSENT, url: app.origin }]);
  await page.goto('/logout');
  expect(new URL(page.url()).pathname).toBe('/login');
  expect(await hasSessionCookie(context)).toBe(false);
  await page.goto('/logout');
  expect(new URL(page.url()).pathname).toBe('/login');
});

test('L3 over https the __Host- cookie is cleared, Secure', async () => {
  const app = await startApp({ AUTH_URL: 'https://app.example.com' });
  try {
    const answer = await plainRequest(`${app.origin}/logout`);
    expect(answer.cookies.map(cookieAttributes)).toEqual([
      { path: '/', httponly: '', samesite: 'Lax', 'max-age': '0', secure: '' },
    ]);
    expect(cookieIn(answer.cookies, '__Host-bff-session')).toBe('');
  } finally {
    await app.stop();
  }
});

for (const [what, whileBroken] of [
  ['down', whileStoreIsDown],
  ['read-only', whileStoreIsReadOnly],
] as const) {
  test(`L4, L5 while the store is ${what} nobody is told to be signed out, and a sign-out works afterwards`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice');
    await whileBroken(app, async () => {
      const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/logout');
      await page.getByRole('button', { name: 'Sign out' }).click();
      const response = await answered;
      expect(response.status()).toBe(503);
      expect(response.headers()).toMatchObject({ 'retry-after': '5', 'cache-control': 'no-store' });
      await expect(page.getByText('You are still signed in')).toBeVisible();
      if (what === 'down') {
        expect((await page.goto('/logout'))?.status()).toBe(503);
        await expect(page.getByText('You are still signed in')).toBeVisible();
      }
      expect(await hasSessionCookie(context)).toBe(true);
      expect(await app.counters()).toMatchObject({ revocations: 0 });
    });
    expect(await isLive(context, app)).toBe(true);
    await page.goto('/notes');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login*');
    expect(await hasSessionCookie(context)).toBe(false);
  });
}

test('L7 a cookie copied before the sign-out is dead after it, and causes no upstream call', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const copied = await handleIn(context);
  const list = () =>
    plainRequest(`${app.origin}/api/trpc/notes.list?input=%7B%7D`, {
      headers: { cookie: `bff-session=${copied}` },
    });
  expect((await list()).status).toBe(200);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login*');
  await app.control('reset');
  const refused = await list();
  expect(refused.status).toBe(401);
  expect(JSON.parse(refused.body).error.data.code).toBe('UNAUTHORIZED');
  expect(await isSessionLive(app, copied)).toBe(false);
  expect(rowOf(app, copied)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
  expect(await app.counters()).toMatchObject({ apiRequests: 0, tokenRequests: 0 });
});
