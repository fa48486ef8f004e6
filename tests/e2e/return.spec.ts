import type { Page } from '@playwright/test';
import { continueAs, expect, signIn, test } from './fixtures';
import { callRouter, loginBackTo, press } from './observe';

const QUERY = '?tag=caf%C3%A9%20au%20lait&sum=1%2B1%261&flag';

const createNote = async (page: Page) => {
  await page.getByLabel('Title').fill('Never written');
  await press(page.getByRole('button', { name: 'Create note' }));
};

/** Where the user is when the 401 strikes, how it strikes, and where the user is after the next sign-in. */
const STRIKES: Record<string, { at: string; strike: (page: Page) => Promise<unknown>; back: string }> = {
  'a hard navigation': {
    at: '/',
    strike: (page) => page.goto(`/notes${QUERY}`),
    back: `/notes${QUERY}`,
  },
  'a soft navigation': {
    at: `/notes${QUERY}`,
    strike: (page) => press(page.getByRole('link', { name: 'Overview' })),
    back: '/overview',
  },
  'a soft navigation with a query': {
    at: '/notes',
    strike: (page) => callRouter(page, 'push', `/overview${QUERY}`),
    back: `/overview${QUERY}`,
  },
  'a client call': {
    at: `/notes${QUERY}`,
    strike: (page) => press(page.getByRole('button', { name: 'Show more' })),
    back: `/notes${QUERY}`,
  },
  'a Server Action': {
    at: `/notes/new${QUERY}`,
    strike: createNote,
    back: `/notes/new${QUERY}`,
  },
};

for (const [name, { at, strike, back }] of Object.entries(STRIKES)) {
  test(`B11 after ${name} the next sign-in returns to the page of the 401`, async ({ page, app }) => {
    await signIn(page, 'alice', at);
    await app.control('revoke', { user: 'alice' });
    await strike(page);
    await page.waitForURL(loginBackTo(back));
    await continueAs(page, 'alice');
    await page.waitForURL((url) => url.pathname + url.search === back);
    await expect(page.getByTestId('user')).toHaveText('Alice Archer');
  });
}
