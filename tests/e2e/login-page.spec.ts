import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';
import { alertOf, endUnnoticed, linesOf, press, whileStoreIsDown, whoIs } from './observe';

test('B9 /login with a dead cookie clears it through /logout and renders', async ({ page, context, app }) => {
  await signIn(page, 'alice', '/');
  await endUnnoticed(context, app, 'alice');
  expect(await hasSessionCookie(context)).toBe(true);
  const hops = recordHops(page, app);
  await page.goto('/login?callbackUrl=%2Foverview%3Fx%3D1');
  expect(linesOf(hops)).toEqual([
    '307 /login?callbackUrl=%2Foverview%3Fx%3D1',
    '303 /logout?callbackUrl=%2Foverview%3Fx%3D1&reason=expired',
    '200 /login?reason=expired&callbackUrl=%2Foverview%3Fx%3D1',
  ]);
  await expect(page.getByRole('button', { name: 'Continue with single sign-on' })).toBeVisible();
  expect(await hasSessionCookie(context)).toBe(false);
});

test('B9 /login with a malformed session cookie clears it through /logout and renders', async ({
  page,
  context,
  app,
}) => {
  await context.addCookies([{ name: 'bff-session', value: 'garbage', url: app.origin }]);
  const hops = recordHops(page, app);
  await page.goto('/login');
  expect(linesOf(hops).map((line) => line.slice(0, 10))).toEqual(['307 /login', '303 /logou', '200 /login']);
  await expect(page.getByRole('button', { name: 'Continue with single sign-on' })).toBeVisible();
  expect(await hasSessionCookie(context)).toBe(false);
});

test('B9 a session cookie with the path /login causes no redirect loop', async ({ page, context, app }) => {
  const { hostname } = new URL(app.origin);
  await context.addCookies([{ name: 'bff-session', value: 'garbage', domain: hostname, path: '/login' }]);
  const hops = recordHops(page, app);
  await page.goto('/login?callbackUrl=%2Fnotes');
  expect(hops.length).toBeLessThanOrEqual(3);
  await expect(page.getByRole('button', { name: 'Continue with single sign-on' })).toBeVisible();
});

test('B9 /login redirects a signed-in user to callbackUrl', async ({ page, context, app }) => {
  await signIn(page, 'alice', '/');
  const hops = recordHops(page, app);
  await page.goto('/login?callbackUrl=%2Foverview');
  expect(linesOf(hops)).toEqual(['307 /login?callbackUrl=%2Foverview', '200 /overview']);
  expect(await whoIs(context, app)).toBe('alice');
});

test('B9 with the store down /login renders and keeps the cookie, and the session is live when it returns', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/');
  const hops = recordHops(page, app);
  await whileStoreIsDown(app, async () => {
    await page.goto('/login?callbackUrl=%2Fnotes');
    expect(linesOf(hops)).toEqual(['200 /login?callbackUrl=%2Fnotes']);
    await expect(alertOf(page)).toContainText('Sessions cannot be read right now.');
    await expect(page.getByRole('button', { name: 'Continue with single sign-on' })).toBeVisible();
    expect(await hasSessionCookie(context)).toBe(true);

    expect((await page.goto('/logout?callbackUrl=%2Fnotes'))?.status()).toBe(503);
    expect(await hasSessionCookie(context)).toBe(true);
  });
  expect(await whoIs(context, app)).toBe('alice');
});

test('B9 with the store down pages show an error with Retry, which works when it returns', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/');
  const hops = recordHops(page, app);
  await whileStoreIsDown(app, async () => {
    for (const path of ['/notes', '/board']) {
      hops.length = 0;
      await page.goto(path);
      expect(linesOf(hops)).toEqual([`500 ${path}`]);
      await expect(alertOf(page).getByRole('button', { name: 'Retry' })).toBeVisible();
    }
    expect(await hasSessionCookie(context)).toBe(true);
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.goto('/notes');
    await expect(alertOf(page)).toBeVisible();
  });
  await press(alertOf(page).getByRole('button', { name: 'Retry' }));
  await expect(page.locator('.notes a')).toHaveCount(10);
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
});

test('B9 with the store down the endpoint answers SERVICE_UNAVAILABLE, and the page stays', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  const hops = recordHops(page, app);
  await whileStoreIsDown(app, async () => {
    for (const call of ['session.current', 'notes.list?input=%7B%7D']) {
      const response = await context.request.get(`${app.origin}/api/trpc/${call}`);
      expect(response.status()).toBe(503);
      expect(await response.json()).toMatchObject({ error: { data: { code: 'SERVICE_UNAVAILABLE' } } });
    }
    await press(page.getByRole('button', { name: /^Remove / }).first());
    await expect(alertOf(page)).toContainText('Something went wrong on our side.');
    expect(hops).toEqual([]);
    expect(await hasSessionCookie(context)).toBe(true);
  });
  expect(await whoIs(context, app)).toBe('alice');
});
