import { startApp } from '../support/app';
import { expect, hasSessionCookie, signIn, test } from './fixtures';

test('L13 L14 a provider that is told by client_id who asks signs the user out once that was confirmed', async ({
  browser,
}) => {
  const params = 'client_id={client_id}&post_logout_redirect_uri={return_to}&ui_locales=en';
  const app = await startApp({ AUTH_OIDC_LOGOUT_PARAMS: params });
  const context = await browser.newContext({ baseURL: app.origin });
  const page = await context.newPage();
  await signIn(page, 'alice');
  const asked = page.waitForRequest((request) => request.url().startsWith(`${app.demo.issuer}/session/end?`));
  await page.getByRole('button', { name: 'Sign out' }).click();
  expect(Object.fromEntries(new URL((await asked).url()).searchParams)).toEqual({
    client_id: app.demo.clientId,
    post_logout_redirect_uri: `${app.origin}/login`,
    ui_locales: 'en',
  });
  await expect(page.getByText('Do you want to sign out?')).toBeVisible();
  expect(await hasSessionCookie(context)).toBe(false);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${app.origin}/login`);

  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
  await context.close();
  await app.stop();
});
