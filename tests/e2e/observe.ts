import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import { z } from 'zod';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import type { RunningApp } from '../support/app';
import type { Hop } from './fixtures';

/** What hops amount to, one line each: `303 /logout?callbackUrl=%2Fnotes`. */
export const linesOf = (hops: readonly Hop[]): string[] =>
  hops.map(({ status, path }) => `${status} ${path}`);

/** The way out of `path` once the logout route handler was asked: to `/login`, with the way back. */
export function exitFrom(path: string, basePath = ''): string[] {
  const back = new URLSearchParams({ callbackUrl: path });
  return [`303 ${basePath}/logout?${back}`, `200 ${basePath}/login?reason=expired&${back}`];
}

/** Matches the login page that leads back to `path`. */
export const loginBackTo =
  (path: string, basePath = '') =>
  (url: URL) =>
    url.pathname === `${basePath}/login` && url.searchParams.get('callbackUrl') === path;

/**
 * Records every element that matches, before a frame can show it: in the document that is there and in all
 * that follow, restored ones too.
 *
 * @returns The list, which grows
 */
export async function recordSightings(page: Page, selector: string, pattern: RegExp): Promise<string[]> {
  const sightings: string[] = [];
  const report = `reportSighting${Math.random().toString(36).slice(2)}`;
  await page.exposeFunction(report, (text: string) => sightings.push(text));
  const watch = { report, selector, source: pattern.source };
  await page.addInitScript(watchDocument, watch);
  await page.evaluate(watchDocument, watch);
  return sightings;
}

/** Runs in the page. */
function watchDocument({ report, selector, source }: { report: string; selector: string; source: string }) {
  const look = () => {
    for (const { textContent } of document.querySelectorAll(selector)) {
      for (const found of new Set(textContent?.match(new RegExp(source, 'g')) ?? []))
        Reflect.get(window, report)(`${window.location.pathname}: ${found}`);
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  window.addEventListener('pageshow', look);
  look();
}

/**
 * Records where the document that is there sets out for, each time it does: of several departures at once the
 * network sees the last one only.
 */
export async function recordDepartures(page: Page): Promise<string[]> {
  const departures: string[] = [];
  await page.exposeFunction('reportDeparture', (path: string) => departures.push(path));
  await page.evaluate(() => {
    window.navigation.addEventListener('navigate', ({ destination }) => {
      Reflect.get(window, 'reportDeparture')(new URL(destination.url).pathname);
    });
  });
  return departures;
}

/** Records the calls, not the subscriptions, that the page sends to the tRPC endpoint from now on: method, procedures. */
export function recordCalls(page: Page): string[] {
  const calls: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/trpc/') && request.resourceType() !== 'eventsource')
      calls.push(`${request.method()} ${pathname.slice('/api/trpc/'.length)}`);
  });
  return calls;
}

/** Waits until React has taken over what the server rendered, effects included: what is done earlier is lost on it. */
export async function untilHydrated(target: Locator): Promise<void> {
  const isHydrated = () =>
    target.evaluate((element) => Object.keys(element).some((key) => key.startsWith('__reactProps$')));
  await expect.poll(isHydrated).toBe(true);
  await target.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

/** Makes the page believe that its tab was hidden, or is shown again. */
export async function turn(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await untilHydrated(page.locator('main'));
  await page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

/** Clicks what only works once the page is hydrated. */
export async function press(target: Locator): Promise<void> {
  await untilHydrated(target);
  await target.click();
}

/** What the page says is wrong; Next keeps an empty announcer of the same role. */
export const alertOf = (page: Page): Locator => page.locator('main [role="alert"]');

/** Sets a mark on the page's window; {@link isMarked} tells whether it is still the same document. */
export const markDocument = (page: Page): Promise<boolean> =>
  page.evaluate(() => Reflect.set(window, 'markOfTheTest', true));

/** Whether the document that was marked is still there. */
export const isMarked = (page: Page): Promise<boolean> =>
  page.evaluate(() => Reflect.has(window, 'markOfTheTest'));

/** Calls Next's client router, as `useRouter()` gives it to components. */
export async function callRouter(page: Page, method: string, ...values: unknown[]): Promise<void> {
  await untilHydrated(page.locator('main'));
  await page.evaluate(([method, values]) => Reflect.get(window, 'next').router[method](...values), [
    method,
    values,
  ] as const);
}

const current = z.object({
  result: z.object({ data: z.object({ user: z.object({ id: z.string() }) }).nullable() }),
});

/** Asks `session.current` who is signed in: a user's id, or null. */
export async function whoIs(context: BrowserContext, app: RunningApp): Promise<string | null> {
  const response = await context.request.get(`${app.origin}/api/trpc/session.current`);
  return current.parse(await response.json()).result.data?.user.id ?? null;
}

const list = z.object({
  result: z.object({ data: z.object({ items: z.array(z.object({ id: z.string(), title: z.string() })) }) }),
});

/** Asks for the newest note of the user that is signed in. */
export async function newestNote(context: BrowserContext, app: Pick<RunningApp, 'origin'>) {
  const response = await context.request.get(
    `${app.origin}/api/trpc/notes.list?input=${encodeURIComponent('{"limit":1}')}`,
  );
  const [note] = list.parse(await response.json()).result.data.items;
  if (!note) throw new Error('There is no note.');
  return note;
}

/** Ends the session where no tab notices: by a call that the browser's pages did not make. The cookie stays. */
export async function endUnnoticed(
  context: BrowserContext,
  app: Pick<RunningApp, 'origin' | 'control'>,
  user: 'alice' | 'bob',
) {
  await app.control('revoke', { user });
  const response = await context.request.get(`${app.origin}/api/trpc/notes.list?input=%7B%7D`);
  if (response.status() !== 401) throw new Error(`The session did not end: ${response.status()}`);
}

/** Runs something while the session store cannot be read. */
export async function whileStoreIsDown(app: RunningApp, run: () => Promise<void>): Promise<void> {
  const database = openDatabase(app.databaseFile);
  database.exec('ALTER TABLE sessions RENAME TO sessions_away');
  try {
    await run();
  } finally {
    database.exec('ALTER TABLE sessions_away RENAME TO sessions');
    database.close();
  }
}

const procedureLine = z.object({
  event: z.literal('procedure'),
  path: z.string(),
  code: z.string(),
  requestId: z.string(),
});

/** The calls of procedures in what an app printed. */
export const proceduresIn = (output: string) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => procedureLine.safeParse(JSON.parse(line)))
    .flatMap(({ data }) => data ?? []);
