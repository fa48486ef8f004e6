import type { Page, Request } from '@playwright/test';
import { continueAs, expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';
import {
  callRouter,
  exitFrom,
  isMarked,
  linesOf,
  loginBackTo,
  markDocument,
  press,
  recordSightings,
  whoIs,
} from './observe';

const ALICES = /Garden: |Alice Archer/;

const WAYS: Record<string, (page: Page) => Promise<void>> = {
  'a Link': (page) => press(page.getByRole('link', { name: 'Overview' })),
  'router.push': (page) => callRouter(page, 'push', '/overview'),
  'router.replace': (page) => callRouter(page, 'replace', '/overview'),
};

for (const [name, go] of Object.entries(WAYS)) {
  test(`B3 ${name} ends in a new document, and the next user sees nothing of the last, by Back either`, async ({
    page,
    context,
    app,
  }) => {
    const sightings = await recordSightings(page, 'html', ALICES);
    await signIn(page, 'alice', '/notes');
    const alicesPosition = await page.evaluate(() => window.history.length);
    await press(page.getByRole('button', { name: 'Show more' }));
    await expect(page.locator('.notes a')).toHaveCount(20);
    expect(sightings.join()).toContain('/notes: Garden: ');

    await app.control('revoke', { user: 'alice' });
    await markDocument(page);
    const hops = recordHops(page, app);
    await go(page);
    await page.waitForURL(loginBackTo('/overview'));
    expect(linesOf(hops)).toEqual(exitFrom('/overview'));
    expect(await isMarked(page)).toBe(false);
    expect(await hasSessionCookie(context)).toBe(false);

    sightings.length = 0;
    await continueAs(page, 'bob');
    await page.waitForURL('/overview');
    await expect(page.getByTestId('user')).toHaveText('Bob Baker');
    await press(page.getByRole('link', { name: 'Notes', exact: true }));
    await expect(page.getByRole('link', { name: /^Workshop: / }).first()).toBeVisible();

    // Back to the entry where alice was, past the provider's pages.
    await markDocument(page);
    const loaded = page.waitForEvent('load');
    await page.evaluate((position) => window.history.go(position - window.history.length), alicesPosition);
    await loaded;
    await expect(page.getByTestId('user')).toHaveText('Bob Baker');
    expect(await isMarked(page)).toBe(false);
    expect(await whoIs(context, app)).toBe('bob');
    expect(sightings).toEqual([]);
  });
}

test('B3 Back to a page of the old user, once the session is dead, reaches /login and shows no old data', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  await page.goto('/overview');
  await expect(page.getByTestId('count')).toBeVisible();
  await app.control('revoke', { user: 'alice' });
  await press(page.getByRole('link', { name: 'Board' }));
  await page.waitForURL(loginBackTo('/board'));
  const sightings = await recordSightings(page, 'html', ALICES);
  await page.goBack({ waitUntil: 'load' });
  await page.waitForURL(loginBackTo('/overview'));
  await page.goBack({ waitUntil: 'load' });
  await page.waitForURL(loginBackTo('/notes'));
  expect(sightings).toEqual([]);
  expect(await hasSessionCookie(context)).toBe(false);
});

/** Keeps the requests for a path that begin from now on, until they end. */
function recordFetches(page: Page, path: string): Set<Request> {
  const underway = new Set<Request>();
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === path) underway.add(request);
  });
  page.on('requestfinished', (request) => underway.delete(request));
  page.on('requestfailed', (request) => underway.delete(request));
  return underway;
}

test('B3 a redirect that the router prefetched while dead does not end the next user’s session', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  await app.control('revoke', { user: 'alice' });
  const underway = recordFetches(page, '/overview');
  await callRouter(page, 'prefetch', '/overview', { kind: 'full' });
  await expect.poll(() => isLive(context, app)).toBe(false);
  await expect.poll(() => underway.size).toBe(0);

  // Bob signs in elsewhere, and this page hears nothing of it: it still is alice's, with her caches.
  const other = await context.newPage();
  await other.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));
  await signIn(other, 'bob', '/notes');
  expect(new URL(page.url()).pathname).toBe('/notes');
  await markDocument(page);

  const hops = recordHops(page, app);
  await press(page.getByRole('link', { name: 'Overview' }));
  await expect(page.getByTestId('user')).toHaveText('Bob Baker');
  await expect(page.getByTestId('count')).toBeVisible();
  expect(linesOf(hops)).toEqual(['303 /logout?callbackUrl=%2Foverview', '200 /overview']);
  expect(await isMarked(page)).toBe(false);
  expect(await whoIs(context, app)).toBe('bob');
});
