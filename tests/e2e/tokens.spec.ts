import type { RunningApp } from '../support/app';
import { plainRequest, signInOverHttp } from '../support/plain-http';
import { rowOf, tokensOf } from '../support/session-rows';
import { expect, isLive, signIn, test } from './fixtures';

const LIST = '/api/trpc/notes.list?input=%7B%7D';

const list = (app: RunningApp, sessionToken: string) =>
  plainRequest(app.origin + LIST, { headers: { cookie: `bff-session=${sessionToken}` } });

/** Waits until the access token that the session holds now is past its lifetime. */
async function untilExpired(app: RunningApp, sessionToken: string): Promise<void> {
  const { expiresAt } = tokensOf(app, sessionToken);
  await expect.poll(() => Date.now() > (expiresAt ?? Number.POSITIVE_INFINITY)).toBe(true);
}

test('T1 fifty parallel calls at expiry redeem the refresh token once', async ({ app }) => {
  await app.control('knobs', { accessTokenTtl: 2 });
  const sessionToken = await signInOverHttp(app);
  await app.control('knobs');
  await untilExpired(app, sessionToken);
  await app.control('reset');

  const answers = await Promise.all(Array.from({ length: 50 }, () => list(app, sessionToken)));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  expect(await app.counters()).toMatchObject({
    refreshes: 1,
    redemptions: 1,
    refreshReuses: 0,
    apiRequests: 50,
  });
  expect(rowOf(app, sessionToken).token_version).toBe(2);
});

test('T1 fifty parallel calls that the API rejects redeem the refresh token once', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  // Each call waits at the API until all of them are there, so all carry the token that is rejected.
  await app.control('knobs', { api: { delayMs: 2_000 } });
  await app.control('expire', { user: 'alice' });
  await app.control('reset');

  const answers = await Promise.all(Array.from({ length: 50 }, () => list(app, sessionToken)));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  expect(await app.counters()).toMatchObject({
    refreshes: 1,
    redemptions: 1,
    refreshReuses: 0,
    apiRequests: 100,
  });
  expect(rowOf(app, sessionToken).token_version).toBe(2);
});

test('T2 two tabs and their Server Components at expiry redeem the refresh token once', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const second = await context.newPage();
  await app.control('expire', { user: 'alice' });
  await app.control('reset');
  await Promise.all([
    page.goto('/overview'),
    second.goto('/notes'),
    context.request.get(LIST),
    context.request.get('/notes/export'),
  ]);
  await expect(page.getByTestId('count')).toBeVisible();
  await expect(second.locator('.notes > li').first()).toBeVisible();
  expect(await app.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
  expect(await isLive(context, app)).toBe(true);
});

test('T5 two expiries in a row use the rotated refresh token', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  const used = [tokensOf(app, sessionToken)];
  for (const round of [1, 2]) {
    await app.control('expire', { user: 'alice' });
    expect((await list(app, sessionToken)).status).toBe(200);
    used.push(tokensOf(app, sessionToken));
    expect(await app.counters()).toMatchObject({ refreshes: round, refreshReuses: 0 });
  }
  expect(new Set(used.map(({ refreshToken }) => refreshToken)).size).toBe(3);
  expect(new Set(used.map(({ accessToken }) => accessToken)).size).toBe(3);
  expect(rowOf(app, sessionToken)).toMatchObject({ token_version: 3, ended_at: null });
});

test('T5 two lifetimes in a row use the rotated refresh token', async ({ app }) => {
  // Long enough that a renewed token does not expire on its way to the API.
  await app.control('knobs', { accessTokenTtl: 3 });
  const sessionToken = await signInOverHttp(app);
  await app.control('reset');
  for (const round of [1, 2]) {
    await untilExpired(app, sessionToken);
    expect((await list(app, sessionToken)).status).toBe(200);
    expect(await app.counters()).toMatchObject({ refreshes: round, refreshReuses: 0 });
  }
  expect(rowOf(app, sessionToken)).toMatchObject({ token_version: 3, ended_at: null });
});

test('T6 without a new refresh token in the answer the old one is kept', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  const { refreshToken } = tokensOf(app, sessionToken);
  await app.control('knobs', { rotate: false });
  for (const round of [1, 2]) {
    await app.control('expire', { user: 'alice' });
    expect((await list(app, sessionToken)).status).toBe(200);
    expect(tokensOf(app, sessionToken).refreshToken).toBe(refreshToken);
    expect(await app.counters()).toMatchObject({ refreshes: round, refreshReuses: 0 });
  }
});

for (const path of ['/notes', '/overview'] as const) {
  test(`T14 a refresh while rendering ${path} is persisted: five reloads, no second one, no logout`, async ({
    page,
    context,
    app,
  }) => {
    await signIn(page, 'alice', path);
    const sessionToken = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
    await app.control('expire', { user: 'alice' });
    await app.control('reset');
    for (const reload of [1, 2, 3, 4, 5]) {
      await page.reload();
      await expect(page.getByTestId('user'), `reload ${reload}`).toHaveText('Alice Archer');
      await expect(page.locator('a[href^="/notes/"]').first()).toBeVisible();
    }
    expect(new URL(page.url()).pathname).toBe(path);
    expect(await app.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0, tokenRequests: 1 });
    expect(rowOf(app, sessionToken)).toMatchObject({ token_version: 2, ended_at: null });
  });
}
