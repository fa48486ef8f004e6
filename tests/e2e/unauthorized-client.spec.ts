import type { Page } from '@playwright/test';
import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';
import {
  alertOf,
  exitFrom,
  linesOf,
  loginBackTo,
  press,
  recordCalls,
  recordDepartures,
  recordSightings,
  untilHydrated,
} from './observe';

const ANYTHING = /\S/;

/** Clicks buttons in one task, so that their calls fail at the same time. */
async function clickAtOnce(page: Page, names: readonly string[]): Promise<void> {
  await untilHydrated(page.locator('main button').last());
  await page.evaluate((names) => {
    const buttons = [...document.querySelectorAll('main button')];
    const labelOf = (button: Element) => button.getAttribute('aria-label') ?? button.textContent;
    for (const name of names) {
      const button = buttons.find((candidate) => labelOf(candidate)?.startsWith(name));
      if (!(button instanceof HTMLElement)) throw new Error(`There is no button ${name}.`);
      button.click();
    }
  }, names);
}

const MIXES = {
  'an infinite query': { path: '/notes', buttons: ['Show more'], calls: 1 },
  'a mutation': { path: '/notes', buttons: ['Remove'], calls: 1 },
  'many queries': { path: '/board?x=1', buttons: ['Refresh'], calls: 7 },
  'many mutations': { path: '/board', buttons: ['Mark all as checked'], calls: 6 },
  'queries, mutations and an infinite query': {
    path: '/board',
    buttons: ['Refresh', 'Mark all as checked', 'Remove'],
    calls: 14,
  },
};

for (const [name, { path, buttons, calls }] of Object.entries(MIXES)) {
  test(`B4 ${name}: one navigation, no error on the page, one refused token, no retry`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice', path);
    const errors = await recordSightings(page, '[role="alert"]', ANYTHING);
    const departures = await recordDepartures(page);
    const hops = recordHops(page, app);
    const sent = recordCalls(page);
    const printed = app.output().length;
    await app.control('revoke', { user: 'alice' });
    await app.control('reset');
    await clickAtOnce(page, buttons);
    await page.waitForURL(loginBackTo(path));
    expect(linesOf(hops)).toEqual(exitFrom(path));
    expect(departures).toEqual(['/logout']);
    expect(errors).toEqual([]);
    expect(await hasSessionCookie(context)).toBe(false);

    const batches = sent.map((call) => call.split(',').length);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(calls);
    const { apiRequests, tokenRequests } = await app.counters();
    expect(apiRequests).toBeGreaterThanOrEqual(1);
    expect(apiRequests).toBeLessThanOrEqual(calls);
    expect(tokenRequests).toBe(1);
    expect(app.output().slice(printed)).not.toMatch(/"level":(?:50|60)/);
  });
}

test('B4 a page that cannot leave shows the error after ten seconds, and retries nothing', async ({
  page,
  app,
}) => {
  await page.clock.install();
  await signIn(page, 'alice', '/notes');
  await page.evaluate(() => window.addEventListener('beforeunload', (event) => event.preventDefault()));
  await app.control('revoke', { user: 'alice' });
  await app.control('reset');
  const kept = page.waitForEvent('dialog');
  const clicked = press(page.getByRole('button', { name: 'Show more' }));
  const dialog = await kept;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await clicked;
  expect(await alertOf(page).count()).toBe(0);
  await page.clock.runFor(9_000);
  expect(await alertOf(page).count()).toBe(0);
  await page.clock.runFor(2_000);
  await expect(alertOf(page)).toContainText('The session has ended.');
  expect(new URL(page.url()).pathname).toBe('/notes');
  expect(await app.counters()).toMatchObject({ apiRequests: 1, tokenRequests: 1 });
});

test('B9 an UNAUTHORIZED on the login page does not navigate', async ({ page, app }) => {
  await signIn(page, 'alice', '/notes');
  // Until then the router would put its own address back.
  await untilHydrated(page.getByRole('button', { name: 'Show more' }));
  await page.evaluate(() => window.history.pushState(null, '', '/login'));
  await app.control('revoke', { user: 'alice' });
  const hops = recordHops(page, app);
  await press(page.getByRole('button', { name: 'Show more' }));
  await expect(alertOf(page)).toContainText('The session has ended.');
  expect(new URL(page.url()).pathname).toBe('/login');
  expect(hops).toEqual([]);
});
