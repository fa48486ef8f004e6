import type { Page } from '@playwright/test';
import { type OtherSite, startOtherSite } from '../support/other-site';
import { isSessionLive, plainRequest, signInOverHttp } from '../support/plain-http';
import { expect, hasSessionCookie, isLive, signIn, test } from './fixtures';

/** What a page of somebody else tries; each resolves once the browser is done with it. */
const ATTACKS: [what: string, attack: (page: Page, target: string) => Promise<unknown>][] = [
  ['an image', (page, target) => embedded(page, 'img', 'src', target)],
  ['a script', (page, target) => embedded(page, 'script', 'src', target)],
  ['a frame', (page, target) => embedded(page, 'iframe', 'src', target)],
  ['an object', (page, target) => embedded(page, 'object', 'data', target)],
  ['a prefetching link element', (page, target) => embedded(page, 'link', 'href', target, 'prefetch')],
  ['a stylesheet', (page, target) => embedded(page, 'link', 'href', target, 'stylesheet')],
  ['a no-cors GET', (page, target) => fetched(page, target, { mode: 'no-cors' })],
  ['a no-cors POST', (page, target) => fetched(page, target, { mode: 'no-cors', method: 'POST' })],
  ['a no-cors HEAD', (page, target) => fetched(page, target, { mode: 'no-cors', method: 'HEAD' })],
  ['a preflight', (page, target) => fetched(page, target, { method: 'DELETE', headers: { 'x-a': '1' } })],
  [
    'a router’s headers',
    (page, target) => fetched(page, target, { headers: { rsc: '1', 'next-router-prefetch': '1' } }),
  ],
  ['a form posted into a frame', (page, target) => submitted(page, target, 'post', 'frame')],
  ['a form submitted by GET', (page, target) => submitted(page, target, 'get', '_self')],
  ['a form submitted by POST', (page, target) => submitted(page, target, 'post', '_self')],
  [
    'a link',
    async (page, target) => {
      await page.setContent(`<a href="${target}">Cute cats</a>`);
      await Promise.all([arrivedAtApp(page, target), page.getByText('Cute cats').click()]);
    },
  ],
  [
    'a refreshing page',
    async (page, target) => {
      const html = `<meta http-equiv="refresh" content="0;url=${target}">`;
      await Promise.all([arrivedAtApp(page, target), page.setContent(html)]);
    },
  ],
];

let other: OtherSite;
test.beforeAll(async () => {
  other = await startOtherSite();
});
test.afterAll(() => other.stop());

for (const from of ['crossSite', 'sameSite'] as const) {
  test(`L2 nothing on a ${from === 'crossSite' ? 'foreign' : 'sibling'} page signs a user with a live session out`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice');
    for (const [what, attack] of ATTACKS) {
      await test.step(what, async () => {
        await page.goto(other[from]);
        const target = `${app.origin}/logout`;
        // A form by GET adds an empty query.
        const sent = page.waitForRequest((request) => request.url().replace(/\?$/, '') === target);
        await attack(page, target);
        await sent;
        expect(await hasSessionCookie(context), what).toBe(true);
        expect(await isLive(context, app), what).toBe(true);
      });
    }
  });
}

test('L2 a Link to /logout in the viewport is prefetched without effect', async ({ page, context, app }) => {
  await signIn(page, 'alice');
  // What <Link> does when it scrolls into view.
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/logout');
  await page.evaluate('window.next.router.prefetch("/logout")');
  const response = await answered;
  expect(response.request().headers()).toMatchObject({ rsc: '1', 'next-router-prefetch': '1' });
  expect(response.status()).toBe(200);
  expect(await response.headerValue('content-type')).toMatch(/^text\/plain/);
  expect(await isLive(context, app)).toBe(true);
  expect(new URL(page.url()).pathname).toBe('/notes');
});

test('L2 every other method changes nothing', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  for (const [method, status] of Object.entries({
    HEAD: 200,
    OPTIONS: 204,
    PUT: 405,
    PATCH: 405,
    DELETE: 405,
  })) {
    for (const site of ['cross-site', 'same-site', 'same-origin']) {
      const answer = await plainRequest(`${app.origin}/logout`, {
        method,
        headers: { cookie: `bff-session=${sessionToken}`, 'sec-fetch-site': site },
      });
      expect([answer.status, answer.cookies, answer.location]).toEqual([status, [], null]);
    }
  }
  expect(await isSessionLive(app, sessionToken)).toBe(true);
});

const arrivedAtApp = (page: Page, target: string) =>
  page.waitForURL((url) => url.origin === new URL(target).origin);

function embedded(page: Page, element: string, attribute: string, target: string, rel?: string) {
  return page.evaluate(
    ([name, key, address, relation]) =>
      new Promise((resolve) => {
        const node = document.createElement(String(name));
        if (relation) node.setAttribute('rel', relation);
        node.onload = resolve;
        node.onerror = resolve;
        node.setAttribute(String(key), String(address));
        document.body.append(node);
      }).then(() => null),
    [element, attribute, target, rel],
  );
}

const fetched = (page: Page, target: string, init: RequestInit) =>
  page.evaluate(
    ([address, options]) =>
      fetch(address, { ...options, credentials: 'include' }).then(
        () => null,
        () => null,
      ),
    [target, init] as const,
  );

async function submitted(page: Page, target: string, method: string, into: string) {
  await page.setContent(
    `<iframe name="frame"></iframe><form action="${target}" method="${method}" target="${into}"></form>`,
  );
  const done =
    into === '_self'
      ? arrivedAtApp(page, target)
      : page.waitForResponse((response) => response.url() === target);
  await Promise.all([done, page.evaluate('document.forms[0].submit()')]);
}
