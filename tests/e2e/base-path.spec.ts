import { expect, type Page } from '@playwright/test';
import { environmentFor, spawnNext } from '../support/app';
import { freePort } from '../support/free-port';
import { startInstances } from '../support/instances';
import { beginSignIn, cookieIn, plainRequest } from '../support/plain-http';
import { signInAtProvider } from '../support/provider-login';
import { BASE, SESSION_COOKIE, test } from './base-path-fixtures';
import { continueAs, recordHops } from './fixtures';
import { exitFrom, linesOf, loginBackTo, press } from './observe';
import { createNote, KINDS } from './strikes';

const isAt = (path: string) => (url: URL) => url.pathname + url.search === BASE + path.replace(/^\/$/, '');

async function signIn(page: Page, path: string): Promise<void> {
  await page.goto(`${BASE}/login?callbackUrl=${encodeURIComponent(path)}`);
  await continueAs(page, 'alice');
  await page.waitForURL(isAt(path));
}

for (const [kind, { javaScriptEnabled, click, strikes }] of Object.entries(KINDS)) {
  test.describe(kind, () => {
    test.use({ javaScriptEnabled });

    for (const [name, { path, at = path, strike, first }] of Object.entries(strikes)) {
      test(`L12 below a base path, ${kind}: a 401 in ${name} ends at /login, and leads back`, async ({
        page,
        context,
        app,
      }) => {
        await signIn(page, at);
        await app.control('revoke', { user: 'alice' });
        await app.control('knobs', { api: { delayMs: name === 'a page sent in part' ? 1_500 : 0 } });
        const hops = recordHops(page, app);
        await strike(page, BASE + path);
        await page.waitForURL(loginBackTo(path, BASE));
        const before = first === undefined ? [] : [`${first} ${BASE}${path}`];
        expect(linesOf(hops)).toEqual([...before, ...exitFrom(path, BASE)]);
        expect((await context.cookies()).map((cookie) => cookie.name)).not.toContain(SESSION_COOKIE);

        const back = path.includes('export') ? page.waitForEvent('download') : page.waitForURL(isAt(path));
        await continueAs(page, 'alice');
        await back;
      });
    }

    test(`L12, S14 below a base path, ${kind}: the API’s own login, a Server Action’s redirect and the sign-out work`, async ({
      page,
      context,
      app,
    }) => {
      await page.goto(`${BASE}/notes/new?x=1`);
      await page.getByLabel('Username').fill('alice');
      await page.getByLabel('Password').fill('demo');
      await click(page.getByRole('button', { name: 'Sign in with password' }));
      await page.waitForURL(isAt('/notes/new?x=1'));
      const [session] = (await context.cookies()).filter(({ name }) => name.includes('session'));
      expect(session).toMatchObject({ name: SESSION_COOKIE, path: '/' });

      await createNote(page, click);
      await expect(page.getByRole('heading', { name: 'Written at once' })).toBeVisible();
      expect(new URL(page.url()).pathname).toMatch(/^\/team\.1\/app\/notes\/[^/]+$/);

      const hops = recordHops(page, app);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(isAt('/login?reason=signed-out'));
      expect(linesOf(hops)).toEqual([`303 ${BASE}/logout`, `200 ${BASE}/login?reason=signed-out`]);
    });
  });
}

test.describe('with subscriptions', () => {
  test.use({ subscribes: true });

  test('L12 A7 below a base path the list of notes is live', async ({ page, context, app }) => {
    await signIn(page, '/notes');
    await expect(page.locator('.live')).toHaveAttribute('data-state', 'pending');
    const headers = { 'content-type': 'application/json', 'x-trpc-source': 'test' };
    const data = { title: 'Live below a base path', body: '' };
    const created = await context.request.post(`${app.origin}${BASE}/api/trpc/notes.create`, {
      headers,
      data,
    });
    expect(created.status()).toBe(200);
    await expect(page.locator('.notes a').first()).toHaveText(data.title);
  });
});

test('L12, S14 below a base path: sign-in and sign-out work at the provider, back-channel logout too', async ({
  page,
  app,
}) => {
  const hops = recordHops(page, app);
  await page.goto(`${BASE}/notes?x=1`);
  expect(linesOf(hops)).toEqual([`307 ${BASE}/notes?x=1`, `200 ${BASE}/login?callbackUrl=%2Fnotes%3Fx%3D1`]);
  await continueAs(page, 'alice');
  await page.waitForURL(isAt('/notes?x=1'));
  expect(hops.slice(2).map(({ status, path }) => `${status} ${path.split('?')[0]}`)).toEqual([
    `303 ${BASE}/api/login/oidc`,
    `302 ${BASE}/api/auth/callback/oidc`,
    `200 ${BASE}/notes`,
  ]);

  hops.length = 0;
  await page.goto(`${BASE}/logout?callbackUrl=%2Fsessions`);
  expect(linesOf(hops)).toEqual([`303 ${BASE}/logout?callbackUrl=%2Fsessions`, `200 ${BASE}/sessions`]);
  await expect(page.getByText('(this one)')).toBeVisible();

  hops.length = 0;
  await press(page.locator('header').getByRole('button', { name: 'Sign out' }));
  await page.waitForURL(isAt('/login'));
  expect(linesOf(hops)).toEqual([`303 ${BASE}/logout`, `200 ${BASE}/login`]);
  expect(new URL(hops[0]?.location ?? '').origin).toBe(app.demo.issuer);
  await expect.poll(() => app.instances[0]?.output()).toContain('"event":"backchannel_logout"');
  expect(app.instances[0]?.output()).not.toContain('auth_warning');
});

test('L12 below a base path: no page names an address outside', async ({ page, app }) => {
  await signIn(page, '/');
  for (const path of ['', '/notes', '/notes/new', '/overview', '/board', '/sessions', '/nothing-here']) {
    await page.goto(BASE + path);
    const named = await page.evaluate(() =>
      ['href', 'src', 'action'].flatMap((name) =>
        [...document.querySelectorAll(`[${name}]:not([${name}=""])`)].map((element) => {
          return new URL(element.getAttribute(name) ?? '', document.baseURI).href;
        }),
      ),
    );
    expect(named.length, path).toBeGreaterThan(5);
    const inside = new RegExp(`^${app.origin}${BASE}(?:[/?#]|$)`);
    for (const address of named) expect(address, path || '/').toMatch(inside);
  }
});

test('L12 below a base path: an address without a callbackUrl leads to the start page, never outside', async ({
  app,
}) => {
  const { authorizationUrl, jar } = await beginSignIn({ origin: app.origin + BASE });
  const callback = await signInAtProvider(authorizationUrl, { login: 'alice', password: 'demo' }, jar);
  const checks = jar.headerFor(callback).split('; ');
  const forgetful = checks.filter((pair) => !pair.includes('callback-url')).join('; ');
  expect(forgetful.split('; ')).toHaveLength(checks.length - 1);
  const arrival = await plainRequest(callback.href, { headers: { cookie: forgetful } });
  expect(arrival.location).toBe(app.origin + BASE);

  const cookie = `${SESSION_COOKIE}=${cookieIn(arrival.cookies, SESSION_COOKIE)}`;
  const ways = {
    '/notes?x=1': `${BASE}/notes?x=1`,
    '/?x=1': `${BASE}?x=1`,
    '/../neighbour': `${BASE}/neighbour`,
  };
  const strays = ['', '//neighbour', '/..%2fneighbour', '/%2e%2e%2fneighbour', `${app.origin}/neighbour`];
  for (const [to, location] of [...Object.entries(ways), ...strays.map((to) => [to, BASE] as const)]) {
    const visit = `${app.origin}${BASE}/logout?${new URLSearchParams({ callbackUrl: to })}`;
    expect((await plainRequest(visit, { headers: { cookie } })).location, to).toBe(location);
  }
  for (const path of ['/', '/notes', `${BASE}x`])
    expect((await plainRequest(app.origin + path, { headers: { cookie } })).status, path).toBe(404);
});

test('L12 below a base path: the start page gets its request id from proxy.ts like any other', async ({
  app,
}) => {
  const printed = app.instances[0]?.output().length ?? 0;
  const headers = { 'x-request-id': 'chosen-by-the-client' };
  expect((await plainRequest(app.origin + BASE, { headers })).status).toBe(200);
  await expect.poll(() => app.instances[0]?.output().slice(printed)).toContain('"path":"session.current"');
  expect(app.instances[0]?.output().slice(printed)).not.toContain('chosen-by-the-client');
});

test('L12 addresses are right behind a proxy with another host, scheme and port, below a base path', async ({
  app: { build },
}) => {
  const AUTH_URL = `https://app.example.com${BASE}`;
  const app = await startInstances(1, { AUTH_URL }, {}, build);
  const hops = { host: 'internal:8080', 'x-forwarded-proto': 'http', 'x-forwarded-host': 'evil.example' };
  const dead = '__Host-team.1~app~bff-session=garbage';
  const visits: [path: string, cookie: string, location: string][] = [
    ['/notes?x=1', '', `${BASE}/login?callbackUrl=%2Fnotes%3Fx%3D1`],
    ['/logout?callbackUrl=/notes', dead, `${BASE}/login?reason=expired&callbackUrl=%2Fnotes`],
    ['/notes', dead, `${AUTH_URL}/logout?callbackUrl=%2Fnotes`],
    ['/notes/export', dead, `${AUTH_URL}/logout?callbackUrl=%2Fnotes%2Fexport`],
    ['/login', dead, `${AUTH_URL}/logout?callbackUrl=%2F&reason=expired`],
    ['/api/auth/callback/oidc?code=x&state=y', '', `${BASE}/login?reason=failed`],
    ['/api/auth/signout', '', `${BASE}/logout`],
  ];
  for (const [path, cookie, location] of visits) {
    const headers = { ...hops, ...(cookie && { cookie }) };
    expect((await plainRequest(app.origin + BASE + path, { headers })).location, path).toBe(location);
  }
  const providers = await plainRequest(`${app.origin}${BASE}/api/auth/providers`, { headers: hops });
  expect(JSON.parse(providers.body).oidc.callbackUrl).toBe(`${AUTH_URL}/api/auth/callback/oidc`);

  const post = { method: 'POST', headers: { ...hops, origin: 'https://app.example.com' } };
  const signedOut = await plainRequest(`${app.origin}${BASE}/logout`, post);
  expect([signedOut.status, signedOut.location]).toEqual([303, `${BASE}/login`]);
  expect(signedOut.cookies.join()).toMatch(/^__Host-team\.1~app~bff-session=; Path=\/;.*; Secure$/);
  await app.stop();
});

for (const path of ['', '/team.1', `${BASE}/deeper`]) {
  test(`S12 a build with a base path does not boot with the path "${path}" in AUTH_URL`, async ({ app }) => {
    const environment = environmentFor(`https://app.example.com${path}`, app.demo);
    const { child, output } = spawnNext(await freePort(), environment, {}, app.build.folder);
    try {
      await expect.poll(() => child.exitCode).toBe(1);
      expect(output()).toMatch(/^ {2}AUTH_URL must end in \/team\.1\/app, the path of the build: /m);
    } finally {
      child.kill('SIGKILL');
    }
  });
}
