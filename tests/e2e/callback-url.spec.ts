import { plainRequest, signInOverHttp } from '../support/plain-http';
import { expect, signIn, test } from './fixtures';

/** As they stand in the query, encoded: a request line carries nothing raw. */
const EVIL: [what: string, encoded: string][] = [
  ['another origin', 'https://evil.example/'],
  ['our name as a user', 'http://localhost@evil.example/'],
  ['no scheme', '//evil.example'],
  ['three slashes', '///evil.example'],
  ['a backslash', '/%5Cevil.example'],
  ['two backslashes', '%5C%5Cevil.example'],
  ['a raw backslash', '/\\evil.example'],
  ['a tab', '/%09/evil.example'],
  ['a newline', '/%0A/evil.example'],
  ['a header', '/notes%0D%0Aset-cookie:%20a=b'],
  ['a NUL', '/notes%00'],
  ['a NUL before slashes', '%00//evil.example'],
  ['a space', '%20//evil.example'],
  ['a dot segment', '/.//evil.example'],
  ['a parent segment', '/x/..//evil.example'],
  ['an encoded slash', '/%252Fevil.example'],
  ['an encoded backslash', '/%255Cevil.example'],
  ['encoded twice', '%252F%252Fevil.example'],
  ['a script', 'javascript:alert(1)'],
  ['data', 'data:text/html,hello'],
  ['no slash', 'evil.example'],
  ['an endpoint', '/api/trpc/session.current'],
  ['an endpoint, encoded', '/%2561pi/auth/signout'],
  ['an endpoint by a detour', '/x/../api/auth/signout'],
  ['the logout', '/logout'],
  ['the logout with itself', '/logout?callbackUrl=/logout'],
  ['the logout in capitals', '/LOGOUT'],
  ['the logout, encoded', '/%256Cogout'],
  ['the logout by a detour', '/notes/../logout'],
  ['the login', '/login'],
  ['very much', `/${'a'.repeat(3_000)}`],
  ['letters beyond ASCII', '/%E2%80%A8/evil.example'],
  ['broken encoding', '/%25E0%25A4%25A'],
];

test('L11 with an unsafe callbackUrl /logout and /login redirect a signed-in user to /', async ({ app }) => {
  const headers = { cookie: `bff-session=${await signInOverHttp(app)}` };
  for (const [what, encoded] of EVIL) {
    for (const path of ['/logout', '/login']) {
      const answer = await plainRequest(`${app.origin}${path}?callbackUrl=${encoded}`, { headers });
      expect([answer.status, answer.location], `${path}: ${what}`).toEqual([
        path === '/logout' ? 303 : 307,
        '/',
      ]);
    }
  }
});

test('L11 an unsafe callbackUrl is not passed on from /logout to /login', async ({ app }) => {
  for (const cookie of ['', `bff-session=v1.${'A'.repeat(43)}`]) {
    for (const [what, encoded] of EVIL) {
      const answer = await plainRequest(`${app.origin}/logout?callbackUrl=${encoded}`, {
        headers: { cookie },
      });
      expect([answer.status, answer.location], what).toEqual([
        303,
        cookie ? '/login?reason=expired' : '/login',
      ]);
    }
  }
});

test('L11 an unsafe callbackUrl is not written into the sign-in form', async ({ app }) => {
  for (const [what, encoded] of EVIL) {
    const { status, body } = await plainRequest(`${app.origin}/login?callbackUrl=${encoded}`);
    expect(status, what).toBe(200);
    const values = [...body.matchAll(/<input[^>]*name="callbackUrl"[^>]*value="([^"]*)"/g)];
    expect(
      values.map(([, value]) => value),
      what,
    ).toEqual(['/', '/']);
  }
});

test('L13 a visit of a very long address is redirected by a short one, with and without a dead session', async ({
  app,
}) => {
  const long = `/notes?filter=${'%5B'.repeat(1_000)}`;
  const dead = { cookie: `bff-session=v1.${'A'.repeat(43)}` };
  const callbackUrl = encodeURIComponent(long);
  for (const [path, headers] of [
    [long, {}],
    [`/logout?callbackUrl=${callbackUrl}`, dead],
    [`/login?callbackUrl=${callbackUrl}`, dead],
    [long.replace('/notes', '/notes/export'), dead],
  ] as const) {
    const { status, location } = await plainRequest(`${app.origin}${path}`, { headers });
    expect([303, 307]).toContain(status);
    expect(location).toMatch(/^\/log(?:in|out)(?:\?|$)/);
    expect(location?.length).toBeLessThan(2_000);
  }
});

test('L11 of several callbackUrls none that is unsafe is used', async ({ app }) => {
  const headers = { cookie: `bff-session=${await signInOverHttp(app)}` };
  const twice = 'callbackUrl=/notes&callbackUrl=//evil.example';
  for (const path of ['/logout', '/login']) {
    const { location } = await plainRequest(`${app.origin}${path}?${twice}`, { headers });
    expect(['/', '/notes']).toContain(location);
  }
});

test('L11 a sign-in form with an address outside still ends at /', async ({ page, app }) => {
  await page.goto('/login');
  const form = page.locator('form').filter({ hasText: 'Continue with single sign-on' });
  await form.locator('input[name=callbackUrl]').evaluate((input) => {
    input.setAttribute('value', 'https://evil.example/');
  });
  await form.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Login').fill('alice');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${app.origin}/`);
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
});

test('L11 a callback-url cookie with an address outside does not lead the sign-in there', async ({
  page,
  context,
  app,
}) => {
  await page.goto('/login?callbackUrl=/notes');
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await expect(page.getByLabel('Login')).toBeVisible();
  await context.addCookies([{ name: 'bff-callback-url', value: 'https://evil.example/x', url: app.origin }]);
  await page.getByLabel('Login').fill('alice');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${app.origin}/`);
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
});

test('L11 a safe callbackUrl is kept whole, from the sign-in form to the page', async ({ page }) => {
  await signIn(page, 'alice', '/notes?q=a%26b&x=%C3%A9');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Notes');
});
