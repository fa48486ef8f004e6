import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';

test('A11 a link call with stay rejects instead of leaving', async ({ page, context, app }) => {
  await signIn(page, 'alice', '/overview');
  await page.getByRole('button', { name: 'Check the session' }).click();
  await expect(page.getByText('The API accepts your session.')).toBeVisible();
  await app.control('revoke', { user: 'alice' });
  const hops = recordHops(page, app);
  await page.getByRole('button', { name: 'Check the session' }).click();
  await expect(page.getByText('Your session has ended.')).toBeVisible();
  expect(hops).toEqual([]);
  expect(await hasSessionCookie(context)).toBe(true);
});

test('A11 caller.raw throws instead of redirecting: a POST route handler answers 401 JSON', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice');
  const post = () =>
    context.request.post(`${app.origin}/notes/import`, { data: { title: 'From a script' }, maxRedirects: 0 });
  expect((await post()).status()).toBe(201);
  await app.control('revoke', { user: 'alice' });
  const refused = await post();
  expect(refused.status()).toBe(401);
  expect(await refused.json()).toEqual({ message: 'UNAUTHORIZED' });
});
