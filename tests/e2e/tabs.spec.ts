import type { Page } from '@playwright/test';
import { continueAs, expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';
import {
  endUnnoticed,
  exitFrom,
  isMarked,
  linesOf,
  loginBackTo,
  markDocument,
  press,
  recordCalls,
  turn,
  untilHydrated,
} from './observe';

/** A tab that sleeps hears nothing: what others say while it does is lost on it. */
const deaf = (page: Page) => page.addInitScript(() => Reflect.deleteProperty(window, 'BroadcastChannel'));

for (const [name, strike] of Object.entries({
  'a client call': (page: Page) => press(page.getByRole('button', { name: 'Show more' })),
  'a render': (page: Page) => press(page.getByRole('link', { name: 'Overview' })),
})) {
  test(`B12 after a 401 in ${name} the other tabs leave too, once each`, async ({ page, context, app }) => {
    await signIn(page, 'alice', '/notes');
    const others = { '/notes?x=1': await context.newPage(), '/overview': await context.newPage() };
    for (const [path, other] of Object.entries(others)) {
      await other.goto(path);
      await untilHydrated(other.locator('main'));
    }
    const hops = Object.fromEntries(
      Object.entries(others).map(([path, other]) => [path, recordHops(other, app)]),
    );
    await app.control('revoke', { user: 'alice' });
    await app.control('reset');
    await strike(page);
    await page.waitForURL((url) => url.pathname === '/login');
    for (const [path, other] of Object.entries(others)) {
      await other.waitForURL(loginBackTo(path));
      expect(linesOf(hops[path] ?? []).filter((line) => line.includes(' /logout'))).toHaveLength(1);
      expect(linesOf(hops[path] ?? [])).toHaveLength(2);
    }
    expect(await hasSessionCookie(context)).toBe(false);
    expect(await app.counters()).toMatchObject({ tokenRequests: 1 });
  });
}

test('B12 when one tab signs out, the others leave, once each', async ({ page, context, app }) => {
  await signIn(page, 'alice', '/notes');
  const other = await context.newPage();
  await other.goto('/overview?x=1');
  await untilHydrated(other.locator('main'));
  const hops = recordHops(other, app);
  await press(page.getByRole('button', { name: 'Sign out' }));
  await page.waitForURL((url) => url.pathname === '/login');
  await other.waitForURL(loginBackTo('/overview?x=1'));
  expect(linesOf(hops)).toHaveLength(2);
  expect(linesOf(hops)[0]).toBe(exitFrom('/overview?x=1')[0]);
});

test('B12 a suspended tab leaves when it wakes', async ({ page, context, app }) => {
  await deaf(page);
  await signIn(page, 'alice', '/notes?x=1');
  await turn(page, 'hidden');
  await endUnnoticed(context, app, 'alice');
  const hops = recordHops(page, app);
  await turn(page, 'visible');
  await page.waitForURL(loginBackTo('/notes?x=1'));
  expect(linesOf(hops)).toEqual(exitFrom('/notes?x=1'));
  expect(await hasSessionCookie(context)).toBe(false);
});

test('B12 a tab that wakes after another user has signed in shows that user’s data only', async ({
  page,
  context,
}) => {
  await deaf(page);
  await signIn(page, 'alice', '/notes');
  await turn(page, 'hidden');
  const other = await context.newPage();
  await other.goto('/notes');
  await press(other.getByRole('button', { name: 'Sign out' }));
  await other.waitForURL((url) => url.pathname === '/login');
  await other.goto('/login?callbackUrl=/notes');
  await continueAs(other, 'bob');
  await other.waitForURL('/notes');

  await markDocument(page);
  await turn(page, 'visible');
  await expect(page.getByTestId('user')).toHaveText('Bob Baker');
  expect(await isMarked(page)).toBe(false);
  expect(await page.content()).not.toMatch(/Garden: |Alice Archer/);
});

test('B12 a tab that wakes with a live session checks it once and stays', async ({ page, app }) => {
  await signIn(page, 'alice', '/notes');
  await markDocument(page);
  const hops = recordHops(page, app);
  const calls = recordCalls(page);
  await turn(page, 'hidden');
  const asked = page.waitForResponse((response) => response.url().includes('/api/trpc/session.current'));
  await turn(page, 'visible');
  await (await asked).finished();
  await press(page.getByRole('button', { name: 'Show more' }));
  await expect(page.locator('.notes a')).toHaveCount(20);
  expect(calls).toEqual(['GET session.current', 'GET notes.list']);
  expect(hops).toEqual([]);
  expect(await isMarked(page)).toBe(true);
});
