import type { Browser, BrowserContext } from '@playwright/test';
import type { RunningApp } from '../support/app';
import { expect, signIn, test } from './fixtures';
import { newestNote } from './observe';

const REQUESTS = 60;

interface User {
  readonly name: 'alice' | 'bob';
  readonly cookie: string;
  readonly own: RegExp;
  readonly foreign: RegExp;
}

async function signedIn(browser: Browser, app: RunningApp, user: User['name']) {
  const context = await browser.newContext({ baseURL: app.origin });
  await signIn(await context.newPage(), user, '/notes');
  const cookie = (await context.cookies(app.origin)).map(({ name, value }) => `${name}=${value}`).join('; ');
  return { context, cookie, noteId: (await newestNote(context, app)).id };
}

const ALICES = /— Alice|Alice Archer|alice@example\.com/;
const BOBS = /— Bob|Bob Baker|bob@example\.com/;

const PAYLOADS: Record<string, Record<string, string>> = {
  HTML: { 'sec-fetch-dest': 'document' },
  'the RSC payload': { RSC: '1', 'sec-fetch-dest': 'empty' },
};

for (const [kind, headers] of Object.entries(PAYLOADS)) {
  test(`B15 two users rendered at the same time never see each other’s data in ${kind}`, async ({
    browser,
    app,
  }) => {
    const contexts: BrowserContext[] = [];
    const alice = await signedIn(browser, app, 'alice');
    const bob = await signedIn(browser, app, 'bob');
    contexts.push(alice.context, bob.context);
    await app.control('knobs', { api: { delayMs: 30 } });

    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, async (_, n) => {
        const user = n % 2 === 0 ? alice : bob;
        const path = ['/notes', '/overview', '/board', `/notes/${user.noteId}`][Math.floor(n / 2) % 4];
        const response = await fetch(app.origin + path, {
          headers: { ...headers, cookie: user.cookie },
        });
        return { isAlices: user === alice, path, status: response.status, text: await response.text() };
      }),
    );
    for (const { isAlices, path, status, text } of answers) {
      expect(status).toBe(200);
      if (path !== '/overview' || kind === 'HTML') expect(text).toMatch(isAlices ? ALICES : BOBS);
      expect(text).not.toMatch(isAlices ? BOBS : ALICES);
    }
    for (const context of contexts) await context.close();
  });
}

test('B3 when another user signs in in a second window, the first one reloads: no document shows two users', async ({
  page,
  context,
}) => {
  const second = await context.newPage();
  await second.goto('/login?callbackUrl=%2Fnotes');
  await signIn(page, 'alice', '/overview');
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
  await second.getByRole('button', { name: 'Use another account' }).click();
  await second.waitForURL('**/interaction/*');
  await second.getByLabel('Login').fill('bob');
  await second.getByLabel('Password').fill('demo');
  await second.getByRole('button', { name: 'Sign in' }).click();
  await expect(second.getByTestId('user')).not.toHaveText('Alice Archer');
  await expect(page.getByTestId('user')).toHaveText((await second.getByTestId('user').textContent()) ?? '');
  await page.getByRole('link', { name: 'Notes', exact: true }).click();
  await expect(page.getByRole('link', { name: /^Workshop: / }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: /^Garden: / })).toHaveCount(0);
});
