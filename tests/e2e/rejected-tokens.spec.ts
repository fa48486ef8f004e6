import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';
import { linesOf, press } from './observe';

const WHY = /The service no longer accepts your session.+tell the operator/;
const EXIT = ['303 /logout?callbackUrl=%2Fnotes', '200 /login?reason=rejected&callbackUrl=%2Fnotes'] as const;

test('B10 while the API rejects even fresh tokens /login shows the reason, and nothing loops', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/');
  await app.control('knobs', { api: { status: 401 } });
  await app.control('reset');
  const hops = recordHops(page, app);
  await page.goto('/notes');
  expect(linesOf(hops)).toEqual(['307 /notes', ...EXIT]);
  await expect(page.getByRole('status')).toHaveText(WHY);
  expect(await hasSessionCookie(context)).toBe(false);
  expect(await app.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });

  hops.length = 0;
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await expect.poll(() => linesOf(hops).slice(-3)).toEqual(['307 /notes', ...EXIT]);
  await expect(page.getByRole('status')).toHaveText(WHY);
  const known = linesOf(hops);
  expect(known.filter((line) => line === EXIT[1])).toHaveLength(1);

  await app.control('knobs');
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.waitForURL('/notes');
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
  expect(linesOf(hops).slice(known.length)).not.toContain(EXIT[0]);
});

test('B10 an API that starts to reject tokens while the page is open causes one navigation to /login with the reason', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice');
  await app.control('knobs', { api: { status: 401 } });
  const hops = recordHops(page, app);
  await press(page.getByRole('button', { name: 'Show more' }));
  await expect(page.getByRole('status')).toHaveText(WHY);
  expect(linesOf(hops)).toEqual(EXIT);
});
