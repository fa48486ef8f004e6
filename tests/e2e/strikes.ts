import type { Locator, Page } from '@playwright/test';
import { press } from './observe';

/** How a 401 strikes. */
interface Strike {
  /** Where the user is before, if not at `path`. */
  readonly at?: string;
  /** Where the 401 strikes. */
  readonly path: string;
  readonly strike: (page: Page, address: string) => Promise<unknown>;
  /** The status of the document in front of the exit. */
  readonly first?: number;
}

const goTo = (page: Page, address: string) => page.goto(address);
const clickNow = (button: Locator) => button.click();

/** Writes a note by the form of its page. */
export async function createNote(page: Page, click: (button: Locator) => Promise<void>): Promise<void> {
  await page.getByLabel('Title').fill('Written at once');
  await click(page.getByRole('button', { name: 'Create note' }));
}

const WITHOUT_SCRIPT: Record<string, Strike> = {
  'a page': { at: '/', path: '/notes?x=1', strike: goTo, first: 307 },
  'a page sent in part': { at: '/', path: '/overview', strike: goTo, first: 200 },
  'a GET route handler': { at: '/', path: '/notes/export?x=1', strike: goTo, first: 307 },
  'a download': { at: '/', path: '/notes/x/attachments/y?x=1', strike: goTo, first: 307 },
  'a Server Action': { path: '/notes/new?x=1', strike: (page) => createNote(page, clickNow), first: 303 },
};

const WITH_SCRIPT: Record<string, Strike> = {
  ...WITHOUT_SCRIPT,
  'a Server Action': { path: '/notes/new?x=1', strike: (page) => createNote(page, press) },
  'a client call': {
    path: '/notes?x=1',
    strike: (page) => press(page.getByRole('button', { name: 'Show more' })),
  },
  'a soft navigation': {
    at: '/notes',
    path: '/overview',
    strike: (page) => press(page.getByRole('link', { name: 'Overview' })),
  },
};

/** Whether a browser runs scripts, how it presses a button then, and where a 401 may strike it. */
export const KINDS = {
  'with JavaScript': { javaScriptEnabled: true, click: press, strikes: WITH_SCRIPT },
  'without JavaScript': { javaScriptEnabled: false, click: clickNow, strikes: WITHOUT_SCRIPT },
};
