import { beginSignIn, type PlainRequest, plainRequest, signInOverHttp } from '../support/plain-http';
import { CookieJar, signInAtProvider } from '../support/provider-login';
import { whileStoreIsDown } from '../support/session-rows';
import { expect, recordHops, signIn, test } from './fixtures';

const PRIVATE: [path: string, status: number, options?: PlainRequest][] = [
  ['/', 200],
  ['/notes', 200],
  ['/notes/new', 200],
  ['/notes/alice-1', 200],
  ['/notes/unknown', 404],
  ['/overview', 200],
  ['/notes/export', 200],
  ['/nowhere', 404],
  ['/login', 307],
  ['/logout', 303],
  ['/logout?_rsc=1', 200],
  ['/notes?_rsc', 200, { headers: { rsc: '1' } }],
  ['/overview?_rsc', 200, { headers: { rsc: '1' } }],
  ['/api/trpc/session.current', 200],
  ['/api/trpc/session.current,notes.list?batch=1&input=%7B%221%22:%7B%7D%7D', 200],
  ['/api/trpc/notes.byId?input=%7B%22id%22:%22unknown%22%7D', 404],
  ['/api/trpc/notes.list?input=7', 400],
  ['/api/trpc/no.such', 404],
  ['/api/trpc/session.current', 403, { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['/api/auth/session', 200],
  ['/api/auth/csrf', 200],
  ['/api/auth/providers', 200],
  ['/api/auth/signin', 303],
  ['/api/auth/signout', 302],
  ['/api/auth/error', 302],
  ['/api/auth/callback/oidc?code=x&state=y', 303],
  ['/api/auth/no-such-action', 400],
  ['/logout', 403, { method: 'POST' }],
  ['/api/health', 200],
  ['/api/health/ready', 200],
];

test('S10 every private response is no-store', async ({ app }) => {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  const first = JSON.parse(
    (await plainRequest(`${app.origin}/api/trpc/notes.list?input=%7B%7D`, { headers: { cookie } })).body,
  ).result.data.items[0].id;
  for (const [path, status, { method = 'GET', headers = {} } = {}] of PRIVATE) {
    const answer = await plainRequest(app.origin + path.replace('alice-1', first), {
      method,
      headers: { cookie, ...headers },
    });
    expect(answer.status, `${method} ${path}`).toBe(status);
    expect(answer.headers['cache-control'], `${method} ${path}`).toMatch(/\bno-store\b/);
  }
});

test('S10 the responses of sign-in, proxy and sign-out are no-store', async ({ app }) => {
  const jar = new CookieJar();
  const { authorizationUrl } = await beginSignIn(app, jar);
  const callback = await signInAtProvider(authorizationUrl, { login: 'alice', password: 'demo' }, jar);
  const headers = () => ({ cookie: jar.headerFor(callback) });
  const signedIn = await plainRequest(callback.href, { headers: headers() });
  expect([signedIn.status, new URL(signedIn.location ?? '').pathname]).toEqual([302, '/notes']);

  const sessionToken = /bff-session=([^;]+)/.exec(String(signedIn.cookies))?.[1];
  const cookie = `bff-session=${sessionToken}`;
  const signedOut = await plainRequest(`${app.origin}/logout`, {
    method: 'POST',
    headers: { cookie, origin: app.origin },
  });
  const dead = await plainRequest(`${app.origin}/notes`, { headers: { cookie } });
  const cleared = await plainRequest(`${app.origin}/logout`, { headers: { cookie } });
  const gate = await plainRequest(`${app.origin}/notes`);
  expect([signedOut.status, dead.status, cleared.status, gate.status]).toEqual([303, 307, 303, 307]);
  for (const answer of [signedIn, signedOut, dead, cleared, gate])
    expect(answer.headers['cache-control']).toMatch(/\bno-store\b/);
});

test('S10 the redirect to the provider is no-store', async ({ page }) => {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST');
  await page.goto('/login');
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  expect((await answered).headers()['cache-control']).toMatch(/\bno-store\b/);
  await expect(page.getByLabel('Password')).toBeVisible();
});

test('S10 responses while the store is down are no-store', async ({ app }) => {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  await whileStoreIsDown(app, async () => {
    for (const path of [
      '/notes',
      '/login',
      '/logout',
      '/api/auth/session',
      '/api/trpc/session.current',
      '/api/health/ready',
    ]) {
      const { headers } = await plainRequest(app.origin + path, { headers: { cookie } });
      expect(headers['cache-control'], path).toMatch(/\bno-store\b/);
    }
  });
});

test('S10 Back after a sign-out asks the server and shows nothing private', async ({ page, app }) => {
  await signIn(page, 'alice', '/overview');
  await page.goto('/notes');
  const privateTitle = await page.locator('.notes a').first().textContent();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login*');

  const hops = recordHops(page, app);
  const seen: string[] = [];
  page.on('domcontentloaded', async (loaded) => seen.push(await loaded.content().catch(() => '')));
  await page.goBack();
  await page.waitForURL((url) => url.pathname === '/login' && url.searchParams.has('callbackUrl'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.goBack();
  await page.waitForURL('**/login?callbackUrl=%2Foverview');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');

  expect(hops.some(({ path }) => path === '/notes')).toBe(true);
  expect(seen.length).toBeGreaterThanOrEqual(2);
  expect(
    seen.filter((html) => html.includes('Alice Archer') || html.includes(privateTitle ?? 'Notes')),
  ).toEqual([]);
});
