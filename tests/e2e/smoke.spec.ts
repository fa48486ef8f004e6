import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';

test('B1 a hard navigation with a dead token ends at /login in three hops', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  expect(await isLive(context, app)).toBe(true);
  await app.control('revoke', { user: 'alice' });
  const hops = recordHops(page, app);
  await page.goto('/notes?x=1');
  expect(hops.map(({ status, path }) => `${status} ${path}`)).toEqual([
    '307 /notes?x=1',
    '303 /logout?callbackUrl=%2Fnotes%3Fx%3D1',
    '200 /login?reason=expired&callbackUrl=%2Fnotes%3Fx%3D1',
  ]);
  expect(await hasSessionCookie(context)).toBe(false);
});
