import { cookieIn, plainRequest } from '../support/plain-http';
import { expect, hasSessionCookie, isLive, test } from './fixtures';

const FORM = 'application/x-www-form-urlencoded';

test.beforeEach(({ app }) => app.control('reset'));

test('S8 a stranger’s form of 140,000 fields is refused, and asks nobody', async ({ app }) => {
  for (const headers of [{}, { 'sec-fetch-site': 'same-origin' }]) {
    const answer = await plainRequest(`${app.origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': FORM, ...headers },
      body: '&a=b'.repeat(140_000),
    });
    expect([answer.status, answer.cookies]).toEqual(['sec-fetch-site' in headers ? 413 : 403, []]);
  }
  expect(await app.counters()).toMatchObject({ loginRequests: 0 });
});

test('S8 other methods of /api/login do nothing', async ({ app }) => {
  for (const method of ['GET', 'PUT', 'DELETE'])
    expect((await plainRequest(`${app.origin}/api/login`, { method })).status).toBe(405);
});

test('S14 a sign-in starts at AUTH_URL, however the page was reached', async ({ browser, app }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const elsewhere = app.origin.replace('localhost', '127.0.0.1');
  await page.goto(`${elsewhere}/login?callbackUrl=%2Fnotes`);
  for (const name of ['Continue with single sign-on', 'Sign in with password']) {
    await page.goto(`${elsewhere}/login?callbackUrl=%2Fnotes`);
    await page.getByLabel('Username').fill('alice');
    await page.getByLabel('Password').fill('demo');
    await page.getByRole('button', { name }).click();
    await page.waitForURL(`${app.origin}/login?callbackUrl=%2Fnotes`);
  }
  expect(await context.cookies()).toEqual([]);
  await page.getByLabel('Username').fill('alice');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in with password' }).click();
  await page.waitForURL(`${app.origin}/notes`);
  expect(await isLive(context, app)).toBe(true);
  await context.close();
});

test('S1 a wrong password comes back with the username in a sealed cookie, in no address', async ({
  app,
}) => {
  const wrong = await plainRequest(`${app.origin}/api/login`, {
    method: 'POST',
    headers: { 'content-type': FORM, 'sec-fetch-site': 'same-origin' },
    body: 'username=alice%40example.com&password=not-hers&callbackUrl=%2Fnotes%3Fa%3D1',
  });
  expect([wrong.status, wrong.location]).toEqual([303, '/login?callbackUrl=%2Fnotes%3Fa%3D1']);
  const [cookie = '', ...others] = wrong.cookies;
  expect(others).toEqual([]);
  expect(cookie).toMatch(/^bff-password-attempt=v1\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=60$/);
  expect(cookie).not.toContain('alice');

  const page = (value: string) =>
    plainRequest(`${app.origin}/login?callbackUrl=%2Fnotes`, {
      headers: { cookie: `bff-password-attempt=${value}` },
    });
  const value = cookieIn(wrong.cookies, 'bff-password-attempt') ?? '';
  const shown = (await page(value)).body;
  expect(shown).toContain('value="alice@example.com"');
  expect(shown).toContain('Username and password do not match.');
  expect(shown).not.toContain('not-hers');
  for (const forged of [
    `${value.slice(0, -4)}AAAA`,
    'v1.x',
    '',
    Buffer.from('{"problem":"wrong"}').toString('base64url'),
  ])
    expect((await page(forged)).body).not.toContain('do not match');
});

test('T17 a sign-in that works forgets the attempt that did not', async ({ page, context, app }) => {
  await page.goto('/login?callbackUrl=%2Fnotes');
  for (const password of ['wrong', 'demo']) {
    await page.getByLabel('Username').fill('alice');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in with password' }).click();
    if (password === 'wrong') {
      await expect(page.getByRole('alert').filter({ hasText: 'do not match' })).toBeVisible();
      await expect(page.getByLabel('Password')).toBeFocused();
    }
  }
  await page.waitForURL('**/notes');
  expect(await hasSessionCookie(context)).toBe(true);
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('bff-password-attempt');
  expect(await isLive(context, app)).toBe(true);
});
