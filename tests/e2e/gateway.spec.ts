import type { Page } from '@playwright/test';
import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';
import {
  alertOf,
  endUnnoticed,
  exitFrom,
  isMarked,
  linesOf,
  loginBackTo,
  markDocument,
  press,
  recordCalls,
  untilHydrated,
} from './observe';

/** What a gateway in front of us may say with its own 401. */
const ANSWERS: Record<string, { contentType: string; body: string }> = {
  HTML: {
    contentType: 'text/html',
    body: '<!doctype html><title>401</title><h1>Authorization required</h1>',
  },
  'nothing at all': { contentType: 'text/plain', body: '' },
  'JSON of its own': { contentType: 'application/json', body: '{"error":"unauthorized","message":"No."}' },
  'an empty JSON list': { contentType: 'application/json', body: '[]' },
};

/** Plays a gateway that refuses every call; counts the refusals. */
async function refuseCalls(page: Page, answer: { contentType: string; body: string }) {
  const refusals = { count: 0 };
  await page.route('**/api/trpc/**', (route) => {
    refusals.count += 1;
    return route.fulfill({ status: 401, ...answer });
  });
  return refusals;
}

const showMore = (page: Page) => press(page.getByRole('button', { name: 'Show more' }));

/** Does what the gateway refuses, which takes the page to /logout and back. */
async function bounce(page: Page, act: (page: Page) => Promise<void>): Promise<void> {
  await markDocument(page);
  const back = page.waitForEvent('load');
  await act(page);
  await back;
  expect(await isMarked(page)).toBe(false);
}

for (const [name, answer] of Object.entries(ANSWERS)) {
  test(`B8 a gateway’s 401 with ${name} and the session dead: one visit to /logout, then /login`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice', '/notes?x=1');
    await endUnnoticed(context, app, 'alice');
    const refusals = await refuseCalls(page, answer);
    const hops = recordHops(page, app);
    await showMore(page);
    await page.waitForURL(loginBackTo('/notes?x=1'));
    expect(linesOf(hops)).toEqual(exitFrom('/notes?x=1'));
    expect(refusals.count).toBe(1);
    expect(await hasSessionCookie(context)).toBe(false);
  });

  test(`B8 a gateway’s 401 with ${name} and the session live: back once, then an error with Retry and Sign out`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice', '/notes?x=1');
    const refusals = await refuseCalls(page, answer);
    const hops = recordHops(page, app);
    await bounce(page, showMore);
    expect(linesOf(hops)).toEqual([
      `303 /logout?${new URLSearchParams({ callbackUrl: '/notes?x=1' })}`,
      '200 /notes?x=1',
    ]);
    expect(await isLive(context, app)).toBe(true);
    expect(refusals.count).toBe(1);

    hops.length = 0;
    await markDocument(page);
    await showMore(page);
    await expect(alertOf(page)).toContainText('refuses your requests (401)');
    await expect(alertOf(page).getByRole('button', { name: 'Retry' })).toBeVisible();
    await expect(alertOf(page).getByRole('button', { name: 'Sign out' })).toBeVisible();
    await expect(page.locator('.notes a')).toHaveCount(10);
    expect(hops).toEqual([]);
    expect(await isMarked(page)).toBe(true);
    expect(refusals.count).toBe(2);
    expect(await isLive(context, app)).toBe(true);

    // Once the gateway is mended, Retry is all it takes.
    await page.unroute('**/api/trpc/**');
    await press(alertOf(page).getByRole('button', { name: 'Retry' }));
    await expect(alertOf(page)).toHaveCount(0);
    const calls = recordCalls(page);
    await showMore(page);
    await expect(page.locator('.notes a')).toHaveCount(20);
    expect(calls).toEqual(['GET notes.list']);
  });
}

test('B8 a gateway’s 401 to many calls at once causes one visit to /logout, and no error shows', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice', '/board');
  await refuseCalls(page, { contentType: 'text/html', body: '<h1>401</h1>' });
  const hops = recordHops(page, app);
  await bounce(page, async () => {
    const buttons = page.locator('main .actions button');
    await untilHydrated(buttons.last());
    await buttons.evaluateAll((all) => {
      for (const button of all) if (button instanceof HTMLElement) button.click();
    });
  });
  expect(linesOf(hops)).toEqual(['303 /logout?callbackUrl=%2Fboard', '200 /board']);
  await expect(page.locator('.columns article')).toHaveCount(6);
  expect(await alertOf(page).count()).toBe(0);
});

test('B8 behind a gateway that keeps answering 401 the Sign out button works', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  await refuseCalls(page, { contentType: 'text/html', body: '' });
  await bounce(page, showMore);
  await showMore(page);
  await press(alertOf(page).getByRole('button', { name: 'Sign out' }));
  await page.waitForURL((url) => url.pathname === '/login');
  expect(await hasSessionCookie(context)).toBe(false);
  expect(await isLive(context, app)).toBe(false);
});
