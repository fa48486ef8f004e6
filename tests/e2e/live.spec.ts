import type { Page, Request } from '@playwright/test';
import { expect, recordHops, signIn, test } from './fixtures';
import { call, countConnections, titles, untilLive, write } from './live-notes';
import { endUnnoticed, exitFrom, linesOf, loginBackTo, press, recordDepartures, turn } from './observe';

test.use({ subscribes: true });

test('A7 a change in one browser shows in the other at once', async ({ page, context, browser, app }) => {
  await signIn(page, 'alice', '/notes');
  const other = await browser.newContext({ baseURL: app.origin });
  const there = await other.newPage();
  await signIn(there, 'alice', '/notes');
  const bobs = await browser.newContext({ baseURL: app.origin });
  const bob = await bobs.newPage();
  await signIn(bob, 'bob', '/notes');
  for (const one of [page, there, bob]) await untilLive(one);
  const before = await titles(bob);

  const { id } = await write(context, app, 'Garden: a live one');
  await expect(there.locator('.notes a').first()).toHaveText('Garden: a live one');
  await expect(there.getByRole('status')).toHaveText('Live · new: Garden: a live one');
  await call(context, app, 'notes.update', { id, title: 'Garden: a changed one' });
  await expect(there.locator('.notes a').first()).toHaveText('Garden: a changed one');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: a changed one');
  await press(page.getByRole('button', { name: 'Remove Garden: a changed one' }));
  await expect(there.getByRole('status')).toHaveText('Live · removed: Garden: a changed one');
  await expect(there.getByText('Garden: a changed one', { exact: true })).toHaveCount(0);

  await write(bobs, app, 'Workshop: a live one');
  await expect(bob.locator('.notes a').first()).toHaveText('Workshop: a live one');
  expect((await titles(bob)).slice(1)).toEqual(before);
  expect(await titles(there)).not.toContain('Workshop: a live one');
  await other.close();
  await bobs.close();
});

test('A7 eight tabs of a browser share one connection, and another tab takes over when the leader closes', async ({
  page,
  context,
  app,
}) => {
  const connections = countConnections(context);
  await signIn(page, 'alice', '/notes');
  await untilLive(page);
  const others: Page[] = [];
  for (let n = 0; n < 7; n += 1) {
    const other = await context.newPage();
    await other.goto('/notes');
    await untilLive(other);
    others.push(other);
  }
  expect(connections.count).toBe(1);
  await write(context, app, 'Garden: for eight');
  for (const one of [page, ...others])
    await expect(one.locator('.notes a').first()).toHaveText('Garden: for eight');
  const [next] = others;
  if (!next) throw new Error('There is no other tab.');
  await press(next.getByRole('button', { name: 'Show more' }));
  await expect(next.locator('.notes a')).toHaveCount(21);

  await page.close();
  await expect.poll(() => connections.count).toBe(2);
  await write(context, app, 'Garden: for seven');
  for (const one of others) {
    await expect(one.locator('.notes a').first()).toHaveText('Garden: for seven');
    expect((await titles(one)).filter((title) => title === 'Garden: for eight')).toHaveLength(1);
  }
  expect(connections.count).toBe(2);
});

test('A7 hidden tabs have no connection, and one that is shown again gets the events that it missed', async ({
  page,
  context,
  app,
}) => {
  const connections = countConnections(context);
  await signIn(page, 'alice', '/notes');
  const other = await context.newPage();
  await other.goto('/notes');
  for (const one of [page, other]) await untilLive(one);
  await turn(page, 'hidden');
  await expect.poll(() => connections.count).toBe(2);
  await write(context, app, 'Garden: heard while hidden');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: heard while hidden');

  await turn(other, 'hidden');
  await expect.poll(async () => (await app.counters())['openEventStreams']).toBe(0);
  await write(context, app, 'Garden: missed by all');
  await write(context, app, 'Garden: missed as well');
  await turn(other, 'visible');
  await turn(page, 'visible');
  for (const one of [page, other]) {
    await expect(one.locator('.notes a').first()).toHaveText('Garden: missed as well');
    expect((await titles(one)).slice(0, 3)).toEqual([
      'Garden: missed as well',
      'Garden: missed by all',
      'Garden: heard while hidden',
    ]);
  }
  expect(connections.count).toBe(3);
});

test('A7 a tab that missed events catches up by a connection of its own, and then shares again', async ({
  page,
  context,
  app,
}) => {
  const open = new Set<Request>();
  context.on('request', (request) => request.resourceType() === 'eventsource' && open.add(request));
  context.on('requestfinished', (request) => open.delete(request));
  context.on('requestfailed', (request) => open.delete(request));
  await signIn(page, 'alice', '/notes');
  const sleeper = await context.newPage();
  await sleeper.addInitScript(() => {
    // In the capture phase and first: what it stops, nobody hears.
    const { addEventListener } = BroadcastChannel.prototype;
    BroadcastChannel.prototype.addEventListener = function (
      ...parameters: Parameters<typeof addEventListener>
    ) {
      addEventListener.call(this, 'message', (event) => {
        if (Reflect.get(window, 'sleeps')) event.stopImmediatePropagation();
      });
      addEventListener.apply(this, parameters);
    };
  });
  await sleeper.goto('/notes');
  for (const one of [page, sleeper]) await untilLive(one);
  await write(context, app, 'Garden: heard by both');
  await expect(sleeper.locator('.notes a').first()).toHaveText('Garden: heard by both');
  expect(open.size).toBe(1);

  await turn(sleeper, 'hidden');
  await sleeper.evaluate(() => Reflect.set(window, 'sleeps', true));
  await write(context, app, 'Garden: missed');
  await write(context, app, 'Garden: missed, too');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: missed, too');
  expect(await titles(sleeper)).not.toContain('Garden: missed');
  await sleeper.evaluate(() => Reflect.set(window, 'sleeps', false));
  await turn(sleeper, 'visible');
  await expect(sleeper.locator('.notes a').first()).toHaveText('Garden: missed, too');
  await expect.poll(() => open.size).toBe(1);
  await write(context, app, 'Garden: heard again');
  await expect(sleeper.locator('.notes a').first()).toHaveText('Garden: heard again');
  expect((await titles(sleeper)).slice(0, 4)).toEqual([
    'Garden: heard again',
    'Garden: missed, too',
    'Garden: missed',
    'Garden: heard by both',
  ]);
  expect(open.size).toBe(1);
});

test('A7 without Web Locks each visible tab has a connection of its own', async ({ page, context, app }) => {
  await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'locks'));
  const connections = countConnections(context);
  await signIn(page, 'alice', '/notes');
  const other = await context.newPage();
  await other.goto('/notes');
  for (const one of [page, other]) await untilLive(one);
  expect(connections.count).toBe(2);
  await turn(other, 'hidden');
  await write(context, app, 'Garden: for one');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: for one');
  await turn(other, 'visible');
  await expect(other.locator('.notes a').first()).toHaveText('Garden: for one');
  expect(connections.count).toBe(3);
});

test('A7 B4 a session that is ended in the store ends its subscriptions, and each tab leaves once', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes?x=1');
  const other = await context.newPage();
  await other.goto('/notes?x=2');
  for (const one of [page, other]) await untilLive(one);
  const hops = [recordHops(page, app), recordHops(other, app)];
  await endUnnoticed(context, app, 'alice');
  await page.waitForURL(loginBackTo('/notes?x=1'));
  await other.waitForURL(loginBackTo('/notes?x=2'));
  for (const lines of hops.map(linesOf)) expect(lines).toHaveLength(2);
  expect(linesOf(hops[0] ?? [])[0]).toBe(exitFrom('/notes?x=1')[0]);
});

test('B4 a subscription that fails among queries and mutations causes one navigation and no error on the page', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  await untilLive(page);
  const departures = await recordDepartures(page);
  const hops = recordHops(page, app);
  await app.control('revoke', { user: 'alice' });
  await app.control('reset');
  await app.control('drop');
  await page.evaluate(() => {
    for (const button of document.querySelectorAll('main button'))
      if (button instanceof HTMLElement) button.click();
  });
  await page.waitForURL(loginBackTo('/notes'));
  expect(departures).toEqual(['/logout']);
  expect(linesOf(hops)).toEqual(exitFrom('/notes'));
  expect(await app.counters()).toMatchObject({ tokenRequests: 1 });
});
