import { expect, hasSessionCookie, signIn, test } from './fixtures';

test('L10 the tabs of a session that is ended elsewhere leave', async ({ page, browser, app }) => {
  await app.control('reset');
  const phone = await browser.newContext({ baseURL: app.origin, userAgent: 'A phone' });
  const phonePage = await phone.newPage();
  await phonePage.clock.install();
  await signIn(phonePage, 'bob', '/notes');
  await signIn(page, 'bob', '/sessions');

  await expect(page.getByRole('listitem').filter({ hasText: '(this one)' })).toHaveCount(1);
  const other = page.getByRole('listitem').filter({ hasText: 'A phone' }).first();
  await other.getByRole('button', { name: 'End' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'A phone' })).toHaveCount(0);

  await phonePage.clock.fastForward(31_000);
  await phonePage.waitForURL('**/login?**');
  expect(await hasSessionCookie(phone)).toBe(false);
  await page.reload();
  await expect(page.getByTestId('user')).toHaveText('Bob Baker');
  await page.screenshot({ path: 'test-results/screenshots/sessions-light.png' });
  await phone.close();
});

test('L10 End all others keeps this session', async ({ page, browser, app }) => {
  const contexts = await Promise.all([1, 2].map(() => browser.newContext({ baseURL: app.origin })));
  for (const context of contexts) await signIn(await context.newPage(), 'alice', '/notes');
  await signIn(page, 'alice', '/sessions');
  await page.getByRole('button', { name: 'End all others' }).click();
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  for (const context of contexts) {
    const [other] = context.pages();
    await other?.goto('/notes');
    await expect(other?.getByRole('heading', { name: 'Sign in' }) ?? page.locator('nothing')).toBeVisible();
    await context.close();
  }
});
