import type { Page } from '@playwright/test';
import type { RunningApp } from '../support/app';
import {
  cookieAttributes,
  cookieIn,
  isHandleLive,
  type PlainRequest,
  plainRequest,
  signInOverHttp,
} from '../support/plain-http';
import { rowOf, whileStoreIsDown, whileStoreIsReadOnly } from '../support/session-rows';
import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';

const post = (app: RunningApp, handle: string | null, headers: NonNullable<PlainRequest['headers']>) =>
  plainRequest(`${app.origin}/logout`, {
    method: 'POST',
    headers: { ...(handle && { cookie: `bff-session=${handle}` }), ...headers },
  });

async function signOutAndBack(page: Page, app: RunningApp) {
  await signIn(page, 'alice');
  const context = page.context();
  const handle = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
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
  expect(rowOf(app, handle)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
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

test('L5 the sign-out answers 303 and clears what the sign-in set', async ({ app }) => {
  for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: app.origin }]) {
    const handle = await signInOverHttp(app);
    const answer = await post(app, handle, headers);
    expect(answer.status).toBe(303);
    expect(cookieIn(answer.cookies, 'bff-session')).toBe('');
    expect(answer.cookies.map(cookieAttributes)).toEqual([
      { path: '/', httponly: '', samesite: 'Lax', 'max-age': '0' },
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await isHandleLive(app, handle)).toBe(false);
  }
});

const REFUSED: [who: string, headers: NonNullable<PlainRequest['headers']>][] = [
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another site that names our origin', { 'sec-fetch-site': 'cross-site', origin: 'OURS' }],
  ['a sibling of the same site', { 'sec-fetch-site': 'same-site' }],
  ['an address bar', { 'sec-fetch-site': 'none' }],
  ['an opaque origin', { origin: 'null' }],
  ['another origin, without fetch metadata', { origin: 'https://evil.example' }],
  ['another port, without fetch metadata', { origin: 'http://localhost:1' }],
  ['our name over https, without fetch metadata', { origin: 'https://OURS' }],
  ['somebody who says nothing', {}],
  ['somebody with only a Referer', { referer: 'OURS' }],
];

for (const [who, headers] of REFUSED) {
  test(`L5 POST from ${who} is refused with 403, still live`, async ({ app }) => {
    const handle = await signInOverHttp(app);
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        value.replace('https://OURS', app.origin.replace('http:', 'https:')).replace('OURS', app.origin),
      ]),
    );
    const answer = await post(app, handle, sent);
    expect([answer.status, answer.location, answer.cookies]).toEqual([403, null, []]);
    expect(await isHandleLive(app, handle)).toBe(true);
    expect(await app.counters()).toMatchObject({ revocations: 0 });
  });
}

test('L5 POST with a dead, unknown or absent session clears the cookie, answers 303 to /login, and does not call the provider', async ({
  app,
}) => {
  const ended = await signInOverHttp(app);
  await post(app, ended, { origin: app.origin });
  await app.control('reset');
  for (const handle of [ended, `v1.${'A'.repeat(43)}`, 'garbage', null]) {
    const answer = await post(app, handle, { origin: app.origin });
    expect([answer.status, answer.location]).toEqual([303, '/login']);
    expect(cookieIn(answer.cookies, 'bff-session')).toBe('');
  }
  expect(await app.counters()).toMatchObject({ revocations: 0, tokenRequests: 0 });
});

for (const [what, whileBroken] of [
  ['down', whileStoreIsDown],
  ['read-only', whileStoreIsReadOnly],
] as const) {
  test(`L5 while the store is ${what} POST answers 503, the user stays signed in, and POST works afterwards`, async ({
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
      expect(await hasSessionCookie(context)).toBe(true);
      await expect(page.getByText('You are still signed in')).toBeVisible();
      expect(await app.counters()).toMatchObject({ revocations: 0 });
    });
    expect(await isLive(context, app)).toBe(true);
    await page.goto('/notes');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login*');
    expect(await hasSessionCookie(context)).toBe(false);
  });
}

test('L5 PUT, PATCH and DELETE do nothing', async ({ app }) => {
  const handle = await signInOverHttp(app);
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const answer = await plainRequest(`${app.origin}/logout`, {
      method,
      headers: { cookie: `bff-session=${handle}`, origin: app.origin },
    });
    expect([answer.status, answer.cookies]).toEqual([405, []]);
  }
  expect(await isHandleLive(app, handle)).toBe(true);
});
