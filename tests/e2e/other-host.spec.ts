import type { Page } from '@playwright/test';
import { startInstances } from '../support/instances';
import { continueAs, expect, hasSessionCookie, isLive, recordHops, testWith } from './fixtures';
import { linesOf } from './observe';
import { createNote, KINDS } from './strikes';

/** What proxies say instead of the host that the browser asked for. */
const PROXIES: Record<string, Record<string, string>> = {
  'its own address, as nginx does by default': { host: '127.0.0.1:3000' },
  'other names': {
    host: 'app_backend',
    'x-forwarded-host': 'edge.example, inside.example:8443',
    'x-forwarded-proto': 'https',
  },
};

/** What the proxy says in the test that is running. */
const passed: Record<string, string> = {};

const test = testWith(() => startInstances(1, {}, {}, undefined, { headers: passed }));

const WAYS_IN: Record<string, (page: Page) => Promise<void>> = {
  'the provider’s button': (page) => continueAs(page, 'alice'),
  'the password form': async (page) => {
    await page.getByLabel('Username').fill('alice');
    await page.getByLabel('Password').fill('demo');
    await page.getByRole('button', { name: 'Sign in with password' }).click();
  },
};

for (const [kind, { javaScriptEnabled, click }] of Object.entries(KINDS)) {
  test.describe(kind, () => {
    test.use({ javaScriptEnabled });

    for (const [what, headers] of Object.entries(PROXIES)) {
      for (const [wayIn, signIn] of Object.entries(WAYS_IN)) {
        test(`S14 behind a proxy that passes ${what}, ${kind}: ${wayIn}, calls, Server Actions and sign-out work`, async ({
          page,
          context,
          app,
        }) => {
          for (const name of Object.keys(passed)) delete passed[name];
          Object.assign(passed, headers);
          await page.goto('/notes/new?x=1');
          await signIn(page);
          await page.waitForURL(`${app.origin}/notes/new?x=1`);
          expect(await isLive(context, app)).toBe(true);

          await createNote(page, click);
          await expect(page.getByRole('heading', { name: 'Written at once' })).toBeVisible();
          await page.goto('/notes');
          const notes = page.locator('.notes a');
          const before = await notes.count();
          if (javaScriptEnabled) {
            await click(page.getByRole('button', { name: 'Show more' }));
            await expect.poll(() => notes.count()).toBeGreaterThan(before);
          }

          const hops = recordHops(page, app);
          await page.getByRole('button', { name: 'Sign out' }).click();
          await page.waitForURL((url) => url.origin === app.origin && url.pathname === '/login');
          expect(linesOf(hops)[0]).toBe('303 /logout');
          expect(await hasSessionCookie(context)).toBe(false);
        });
      }
    }
  });
}
