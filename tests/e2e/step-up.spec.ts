import type { Page } from '@playwright/test';
import type { RunningApp } from '../support/app';
import { expect, isLive, recordHops, signIn, test } from './fixtures';
import { alertOf, press, recordDepartures, untilHydrated } from './observe';

const CHALLENGE = 'Bearer error="insufficient_user_authentication", acr_values="urn:loa:3", max_age="300"';
const STEP_UP = {
  error: 'insufficient_user_authentication',
  acrValues: ['urn:loa:3'],
  maxAge: 300,
  scope: [],
  claims: null,
};

/** From now on the API accepts every token, and wants more. */
async function askForMore(app: RunningApp): Promise<void> {
  await app.control('reset');
  await app.control('knobs', { api: { status: 401, challenge: CHALLENGE } });
}

async function expectStayed(page: Page, app: RunningApp): Promise<void> {
  expect(await isLive(page.context(), app)).toBe(true);
  expect(await app.counters()).toMatchObject({ tokenRequests: 0 });
}

test('B18 a query and a mutation that need a stronger sign-in say so on the page, which stays', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  await untilHydrated(page.getByRole('button', { name: 'Show more' }));
  const hops = recordHops(page, app);
  const departures = await recordDepartures(page);
  await askForMore(app);
  for (const name of ['Show more', 'Remove']) {
    const answered = page.waitForResponse('**/api/trpc/**');
    await press(page.getByRole('button', { name }).first());
    const [{ error }] = [await (await answered).json()].flat();
    expect(error.data).toMatchObject({ code: 'FORBIDDEN', stepUp: STEP_UP });
    await expect(alertOf(page).first()).toContainText(STEP_UP.error);
  }
  expect([hops, departures, new URL(page.url()).pathname]).toEqual([[], [], '/notes']);
  expect(await app.counters()).toMatchObject({ apiRequests: 2 });
  await expectStayed(page, app);

  await app.control('knobs');
  await page.reload();
  await expect(page.locator('.notes a').first()).toBeVisible();
});

test('B18 a page that needs a stronger sign-in is an error and no visit to /logout', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  await askForMore(app);
  const hops = recordHops(page, app);
  const exported = await page.context().request.get(`${app.origin}/notes/export`, { maxRedirects: 0 });
  expect(exported.status()).toBe(500);
  await page.goto('/overview');
  await expect(alertOf(page).first()).toBeVisible();
  expect(hops.map(({ path }) => path)).toEqual(['/overview']);
  await expectStayed(page, app);
});

test.describe('with subscriptions', () => {
  test.use({ subscribes: true });

  test('B18 a subscription that needs a stronger sign-in ends, and is not opened again', async ({
    page,
    app,
  }) => {
    await page.route('**/api/trpc/notes.changes*', async (route) => {
      await askForMore(app);
      await route.continue();
    });
    await signIn(page, 'alice', '/notes');
    const departures = await recordDepartures(page);
    await expect(page.locator('.live')).toHaveAttribute('data-state', 'error');
    expect(departures).toEqual([]);
    expect(await app.counters()).toMatchObject({ eventRequests: 1 });
    await expectStayed(page, app);
  });
});
