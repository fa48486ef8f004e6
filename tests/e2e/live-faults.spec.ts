import { once } from 'node:events';
import type { Route } from '@playwright/test';
import { startInstances } from '../support/instances';
import { expect, signIn, test } from './fixtures';
import { titles, untilLive, write } from './live-notes';

test.use({ subscribes: true });

test('A7 429 does not end a subscription: the list is live again when the API allows', async ({
  page,
  context,
  app,
}) => {
  const rush = async (route: Route) => {
    await app.control('knobs', { api: { status: 429 } });
    await route.continue();
  };
  await page.route('**/api/trpc/notes.changes*', rush, { times: 1 });
  await signIn(page, 'alice', '/notes');
  await expect.poll(async () => (await app.counters())['eventRequests']).toBeGreaterThan(1);
  await app.control('knobs');
  await untilLive(page);
  await write(context, app, 'Garden: after the rush');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: after the rush');
});

test('A7 R1 after a dropped connection, a stopped server and a gateway’s 502 the list goes on without a gap', async ({
  browser,
}) => {
  const app = await startInstances(1);
  const [instance] = app.instances;
  if (!instance) throw new Error('There is no instance.');
  const context = await browser.newContext({ baseURL: app.origin });
  const page = await context.newPage();
  await signIn(page, 'alice', '/notes');
  await untilLive(page);
  const before = await titles(page);

  await write(context, app, 'Garden: 1');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: 1');
  app.dropConnections();
  await write(context, app, 'Garden: 2');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: 2');

  const gone = once(instance.child, 'exit');
  const began = Date.now();
  instance.child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  console.log(`A7 R1: with a stream open, exit ${Date.now() - began} ms after SIGTERM`);
  await expect(page.locator('.live')).toHaveAttribute('data-state', 'connecting');
  const refused = page.waitForResponse((answer) => answer.status() === 502);
  await refused;
  await instance.restart();
  await write(context, app, 'Garden: 3');
  await expect(page.locator('.notes a').first()).toHaveText('Garden: 3');
  expect(await titles(page)).toEqual(['Garden: 3', 'Garden: 2', 'Garden: 1', ...before]);
  await context.close();
  await app.stop();
});
