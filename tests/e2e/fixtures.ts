import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type RunningApp, startApp } from '../support/app';

/** One hop of the document: what the browser asked for and what it was told. */
export interface Hop {
  readonly status: number;
  readonly method: string;
  readonly path: string;
  readonly location: string | null;
}

interface Fixtures {
  freshDemo: undefined;
  /** Whether pages subscribe. That is one more call, at a moment that no test controls: so only where it is looked at. */
  subscribes: boolean;
}

/** What the fixtures need of an app. */
type App = Pick<RunningApp, 'origin' | 'control' | 'stop'>;

/** The longest that an app may take to start, a build included, ms. */
const START_TIMEOUT_MS = 180_000;

/**
 * Makes the `test` of spec files for an app of one kind, one for each worker; each test finds its counters, knobs and
 * users' grants fresh.
 *
 * @param start - Starts the app
 */
export const testWith = <Kind extends App>(start: () => Promise<Kind>) =>
  base.extend<Fixtures, { app: Kind }>({
    app: [
      async ({ browserName: _ }, use) => {
        const app = await start();
        await use(app);
        await app.stop();
      },
      { scope: 'worker', timeout: START_TIMEOUT_MS },
    ],
    freshDemo: [
      async ({ app }, use) => {
        await app.control('knobs');
        for (const user of ['alice', 'bob']) await app.control('revoke', { user });
        await app.control('reset');
        await use(undefined);
      },
      { auto: true },
    ],
    subscribes: [false, { option: true }],
    context: async ({ context, subscribes }, use) => {
      if (!subscribes) await withoutSubscriptions(context);
      await use(context);
    },
    baseURL: async ({ app }, use) => use(app.origin),
  });

/** The `test` of most spec files: for the production build, in one process. */
export const test = testWith(() => startApp());

export { expect };

/** Makes pages subscribe to nothing, but try. */
export const withoutSubscriptions = (context: BrowserContext) =>
  context.addInitScript(() => Reflect.deleteProperty(window, 'EventSource'));

/** Signs a user in through the pages, as people do, and arrives at `path`. */
export async function signIn(page: Page, user: 'alice' | 'bob', path = '/notes'): Promise<void> {
  await page.goto(`/login?callbackUrl=${encodeURIComponent(path)}`);
  await continueAs(page, user);
  await page.waitForURL((url) => url.pathname + url.search === path);
}

/** Goes on from `/login` to the provider, where no user is signed in, and submits its form. */
export async function continueAs(page: Page, user: 'alice' | 'bob'): Promise<void> {
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await signInAtProvider(page, user);
}

/** Waits for the provider's sign-in form, and submits it. */
export async function signInAtProvider(page: Page, user: 'alice' | 'bob'): Promise<void> {
  await page.waitForURL('**/interaction/*');
  await page.getByLabel('Login').fill(user);
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Whether the browser holds a session cookie. */
export async function hasSessionCookie(context: BrowserContext): Promise<boolean> {
  return (await context.cookies()).some(({ name }) => name === 'bff-session');
}

/** Whether `session.current` answers the user: the contract's "live". */
export async function isLive(context: BrowserContext, app: Pick<RunningApp, 'origin'>): Promise<boolean> {
  const response = await context.request.get(`${app.origin}/api/trpc/session.current`);
  expect(response.status()).toBe(200);
  return (await response.json()).result.data !== null;
}

/** Records the document's hops on the app's own origin, redirects included, from now on. */
export function recordHops(page: Page, app: Pick<RunningApp, 'origin'>): Hop[] {
  const hops: Hop[] = [];
  page.on('response', async (response) => {
    const request = response.request();
    if (!request.isNavigationRequest() || request.frame() !== page.mainFrame()) return;
    const url = new URL(response.url());
    if (url.origin !== app.origin) return;
    const location = response.headers()['location'] ?? null;
    hops.push({
      status: response.status(),
      method: request.method(),
      path: url.pathname + url.search,
      location,
    });
  });
  return hops;
}
