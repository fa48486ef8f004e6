import { startApp } from '../support/app';
import {
  cookieAttributes,
  cookieIn,
  isHandleLive,
  type PlainRequest,
  plainRequest,
  signInOverHttp,
} from '../support/plain-http';
import { rowOf, whileStoreIsDown } from '../support/session-rows';
import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';

const ABSENT = `v1.${'A'.repeat(43)}`;
const CLEARED = { path: '/', httponly: '', samesite: 'Lax', 'max-age': '0' };

const cookieOf = (handle: string) => `bff-session=${handle}`;

/** What Chromium sends with a document that a service worker fetches. */
const BY_SERVICE_WORKER = { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate' };

/** Requests that no person's document navigation makes. */
const NO_DOCUMENTS: [what: string, path: string, headers: NonNullable<PlainRequest['headers']>][] = [
  ['an image', '/logout', { 'sec-fetch-dest': 'image' }],
  ['a frame', '/logout', { 'sec-fetch-dest': 'iframe' }],
  ['a script', '/logout', { 'sec-fetch-dest': 'script' }],
  ['a navigating frame', '/logout', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }],
  ['a fetch', '/logout', { 'sec-fetch-dest': 'empty' }],
  ['a fetch of any other mode', '/logout', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }],
  ['a service worker’s prefetch', '/logout', { ...BY_SERVICE_WORKER, 'sec-purpose': 'prefetch' }],
  ['a service worker’s router fetch', '/logout?_rsc', { ...BY_SERVICE_WORKER, rsc: '1' }],
  ['a prefetched document', '/logout', { 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch' }],
  ['a prerendered document', '/logout', { 'sec-purpose': 'prefetch;prerender' }],
  ['an old browser’s prefetch', '/logout', { purpose: 'prefetch' }],
  ['a router’s fetch', '/logout?_rsc', { rsc: '1' }],
  ['a router’s prefetch', '/logout', { 'next-router-prefetch': '1' }],
  ['a router’s address', '/logout?callbackUrl=/notes&_rsc=1a2b3', {}],
];

for (const [what, path, headers] of NO_DOCUMENTS) {
  test(`L0 ${what} gets 200 text/plain and changes nothing, live or dead`, async ({ app }) => {
    const live = await signInOverHttp(app);
    for (const handle of [live, ABSENT]) {
      const answer = await plainRequest(app.origin + path, {
        headers: { cookie: `${cookieOf(handle)}; authjs.session-token=old`, ...headers },
      });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toMatch(/^text\/plain\b/);
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.cookies).toEqual([]);
    }
    expect(await isHandleLive(app, live)).toBe(true);
  });
}

test('L1 GET while live redirects to a safe callbackUrl or /, sets no cookie, and ends nothing', async ({
  app,
}) => {
  const handle = await signInOverHttp(app);
  const visit = (search: string) =>
    plainRequest(`${app.origin}/logout${search}`, { headers: { cookie: cookieOf(handle) } });
  for (const [search, location] of [
    ['', '/'],
    ['?callbackUrl=/notes%3Fa%3D1', '/notes?a=1'],
    ['?callbackUrl=https://evil.example/', '/'],
  ] as const) {
    const answer = await visit(search);
    expect([answer.status, answer.location, answer.cookies]).toEqual([303, location, []]);
    expect(answer.headers['cache-control']).toBe('no-store');
  }
  expect(await isHandleLive(app, handle)).toBe(true);
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

test('L3 GET while dead clears the cookie with the attributes it was set with', async ({ app, page }) => {
  await signIn(page, 'alice');
  const [set] = (await page.context().cookies()).filter(({ name }) => name === 'bff-session');
  expect(set).toMatchObject({
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: false,
    domain: 'localhost',
  });

  const answer = await plainRequest(`${app.origin}/logout`, { headers: { cookie: cookieOf(ABSENT) } });
  expect([answer.status, answer.location]).toEqual([303, '/login?reason=expired']);
  expect(answer.cookies.map(cookieAttributes)).toEqual([CLEARED]);
  expect(cookieIn(answer.cookies, 'bff-session')).toBe('');
});

test('L3 a visit removes a dead cookie from the browser, and a second visit changes nothing', async ({
  page,
  context,
  app,
}) => {
  await context.addCookies([{ name: 'bff-session', value: ABSENT, url: app.origin }]);
  await page.goto('/logout');
  expect(new URL(page.url()).pathname).toBe('/login');
  expect(await hasSessionCookie(context)).toBe(false);
  await page.goto('/logout');
  expect(new URL(page.url()).pathname).toBe('/login');
});

test('L3 only those legacy cookies are cleared that the request carries', async ({ app }) => {
  const carried = ['authjs.session-token', 'next-auth.session-token.0', 'access_token'];
  const prefixed = ['__Secure-authjs.session-token.1', '__Host-next-auth.session-token'];
  const pairs = [...carried, ...prefixed, 'theme', 'xauthjs.session-token'].map((name) => `${name}=x`);
  const answer = await plainRequest(`${app.origin}/logout`, { headers: { cookie: pairs.join('; ') } });
  const cleared = Object.fromEntries(
    answer.cookies.map((line) => [line.split('=')[0], cookieAttributes(line)]),
  );
  expect(cleared).toEqual({
    'bff-session': CLEARED,
    ...Object.fromEntries(carried.map((name) => [name, CLEARED])),
    ...Object.fromEntries(prefixed.map((name) => [name, { ...CLEARED, secure: '' }])),
  });
});

test('L3 anonymous visitors land on /login without a reason, each time', async ({ app }) => {
  for (const search of ['', '', '?callbackUrl=/notes']) {
    const answer = await plainRequest(`${app.origin}/logout${search}`);
    expect(answer.status).toBe(303);
    expect(answer.location).toBe(search ? '/login?callbackUrl=%2Fnotes' : '/login');
    expect(answer.cookies.map(cookieAttributes)).toEqual([CLEARED]);
  }
});

test('L3 over https the __Host- cookie is cleared, Secure', async () => {
  const app = await startApp({ AUTH_URL: 'https://app.example.com' });
  try {
    const answer = await plainRequest(`${app.origin}/logout`);
    expect(answer.cookies.map(cookieAttributes)).toEqual([{ ...CLEARED, secure: '' }]);
    expect(cookieIn(answer.cookies, '__Host-bff-session')).toBe('');
  } finally {
    await app.stop();
  }
});

test('L4 while the store is down GET answers 503, keeps the cookie, and the session is live afterwards', async ({
  app,
}) => {
  const handle = await signInOverHttp(app);
  await whileStoreIsDown(app, async () => {
    const answer = await plainRequest(`${app.origin}/logout`, { headers: { cookie: cookieOf(handle) } });
    expect([answer.status, answer.cookies, answer.location]).toEqual([503, [], null]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
  expect(await isHandleLive(app, handle)).toBe(true);
});

test('L7 a cookie copied before the sign-out is dead after it, and causes no upstream call', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const copied = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
  const list = () =>
    plainRequest(`${app.origin}/api/trpc/notes.list?input=%7B%7D`, { headers: { cookie: cookieOf(copied) } });
  expect((await list()).status).toBe(200);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login*');
  await app.control('reset');
  const refused = await list();
  expect(refused.status).toBe(401);
  expect(JSON.parse(refused.body).error.data.code).toBe('UNAUTHORIZED');
  expect(await isHandleLive(app, copied)).toBe(false);
  expect(rowOf(app, copied)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
  expect(await app.counters()).toMatchObject({ apiRequests: 0, tokenRequests: 0 });
});
