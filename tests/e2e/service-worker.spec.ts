import { startInstances } from '../support/instances';
import { startOtherSite } from '../support/other-site';
import { isSessionLive } from '../support/plain-http';
import { continueAs, expect, hasSessionCookie, isLive, recordHops, signIn, testWith } from './fixtures';
import { endUnnoticed, exitFrom, linesOf, loginBackTo } from './observe';
import { KINDS } from './strikes';

/** Passes everything on, as workers that cache or count do: Chromium then says `empty` where it said `document`. */
const SERVICE_WORKER = `
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));
`;

/** The app in a browser whose every request to it goes through a service worker. */
const test = testWith(() =>
  startInstances(1, {}, {}, undefined, { scripts: { '/sw.js': SERVICE_WORKER } }),
).extend({
  page: async ({ page }, use) => {
    await page.goto('/login');
    await page.evaluate(() => navigator.serviceWorker.register('/sw.js'));
    await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
    expect((await page.goto('/login'))?.fromServiceWorker()).toBe(true);
    await use(page);
  },
});

for (const [name, { path, at = path, strike, first }] of Object.entries(KINDS['with JavaScript'].strikes)) {
  test(`B16 B1 behind a service worker: a 401 in ${name} ends at /login, cookie gone, and leads back`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice', at);
    await app.control('revoke', { user: 'alice' });
    await app.control('knobs', { api: { delayMs: name === 'a page sent in part' ? 1_500 : 0 } });
    const hops = recordHops(page, app);
    await strike(page, path);
    await page.waitForURL(loginBackTo(path));
    const before = first === undefined ? [] : [`${first} ${path}`];
    expect(linesOf(hops)).toEqual([...before, ...exitFrom(path)]);
    expect(await hasSessionCookie(context)).toBe(false);

    const isBack = (url: URL) => url.pathname + url.search === path;
    const back = path.includes('export') ? page.waitForEvent('download') : page.waitForURL(isBack);
    await continueAs(page, 'alice');
    await back;
  });
}

test('B16 B1 behind a service worker a session that had ended before causes the same two redirects', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/');
  await endUnnoticed(context, app, 'alice');
  const hops = recordHops(page, app);
  await page.goto('/board');
  expect(linesOf(hops)).toEqual(['307 /board', ...exitFrom('/board')]);
  expect(await hasSessionCookie(context)).toBe(false);
});

test('B16 behind a service worker a page without a session redirects to /login before it renders', async ({
  page,
  app,
}) => {
  const hops = recordHops(page, app);
  await page.goto('/notes?x=1');
  expect(linesOf(hops)).toEqual(['307 /notes?x=1', '200 /login?callbackUrl=%2Fnotes%3Fx%3D1']);
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

test('B16 L5 behind a service worker the button signs out in the application and at the provider', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const session = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
  const hops = recordHops(page, app);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL((url) => url.origin === app.origin && url.pathname === '/login');
  expect(hops.map(({ method, status, path }) => `${method} ${status} ${path}`)).toEqual([
    'POST 303 /logout',
    'GET 200 /login',
  ]);
  expect(new URL(hops[0]?.location ?? '').origin).toBe(app.demo.issuer);
  expect(await hasSessionCookie(context)).toBe(false);
  expect(await isSessionLive(app, session)).toBe(false);
  expect(await app.counters()).toMatchObject({ revocations: 1 });
});

test('B16 L1, L2 behind a service worker neither a GET nor another site ends a live session', async ({
  page,
  context,
  app,
}) => {
  const site = await startOtherSite();
  await signIn(page, 'alice');
  const hops = recordHops(page, app);
  await page.goto('/logout?callbackUrl=%2Fsessions');
  expect(linesOf(hops)).toEqual(['303 /logout?callbackUrl=%2Fsessions', '200 /sessions']);
  for (const address of [site.crossSite, site.sameSite]) {
    site.show(`<form action="${app.origin}/logout" method="post"><button>Win</button></form>`);
    await page.goto(address);
    hops.length = 0;
    await page.getByRole('button', { name: 'Win' }).click();
    await page.waitForURL(`${app.origin}/logout`);
    expect(linesOf(hops), address).toEqual(['403 /logout']);
    expect(await isLive(context, app)).toBe(true);
  }
  await site.stop();
});

test('B16 L0 behind a service worker a fetch of /logout by a page counts as no document navigation', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  await endUnnoticed(context, app, 'alice');
  const answers = await page.evaluate(() =>
    Promise.all(
      [{}, { mode: 'no-cors' as const }, { headers: { 'Sec-Fetch-Mode': 'navigate' } }].map(async (init) => {
        const response = await fetch('/logout', { ...init, redirect: 'manual' });
        return `${response.type} ${response.status} ${await response.text()}`;
      }),
    ),
  );
  expect(answers).toEqual(Array(3).fill('basic 200 Open this address in the browser, as a page.\n'));
  expect(await hasSessionCookie(context)).toBe(true);
});

test('B16 L2 behind a service worker a frame, which Chromium sends like a document, ends no live session', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/logout');
  await page.evaluate(() => {
    document.body.append(Object.assign(document.createElement('iframe'), { src: '/logout' }));
  });
  expect((await answered).fromServiceWorker()).toBe(true);
  expect(await isLive(context, app)).toBe(true);
  expect(await hasSessionCookie(context)).toBe(true);
});
