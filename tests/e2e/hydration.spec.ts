import type { Page } from '@playwright/test';
import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';
import { callRouter, exitFrom, linesOf, loginBackTo, recordSightings } from './observe';

const TROUBLE_IN_LOG = /unhandled|"level":(?:50|60)|Error:|\n\s+at /i;

/** Pages by how the failing query stands when the page hands it over; the API answers after the shell when late. */
const HANDOVERS: Record<string, { path: string; delayMs: number }> = {
  'a pending query': { path: '/notes', delayMs: 0 },
  'a query that is pending for long': { path: '/notes', delayMs: 1_000 },
  'a rejected query beside a rejected page': { path: '/board', delayMs: 0 },
  'a query prefetched twice': { path: '/board', delayMs: 500 },
};

const WAYS: Record<string, (page: Page, path: string) => Promise<unknown>> = {
  'by hard navigation': (page, path) => page.goto(path),
  'by soft navigation': (page, path) => callRouter(page, 'push', path),
};

for (const [handover, { path, delayMs }] of Object.entries(HANDOVERS)) {
  for (const [way, go] of Object.entries(WAYS)) {
    test(`B5 ${handover}, ${way}: the same end, and nothing unhandled on either side`, async ({
      page,
      context,
      app,
    }) => {
      await signIn(page, 'alice', '/notes/new');
      const uncaught: string[] = [];
      page.on('pageerror', (error) => uncaught.push(String(error)));
      const errors = await recordSightings(page, '[role="alert"]', /\S/);
      const printed = app.output().length;
      await app.control('revoke', { user: 'alice' });
      await app.control('knobs', { api: { delayMs } });
      const hops = recordHops(page, app);
      await go(page, path);
      await page.waitForURL(loginBackTo(path));
      expect(linesOf(hops).slice(-2)).toEqual(exitFrom(path));
      expect(linesOf(hops).filter((line) => line.includes(' /logout'))).toHaveLength(1);
      expect(await hasSessionCookie(context)).toBe(false);
      expect(uncaught).toEqual([]);
      expect(errors).toEqual([]);
      expect(app.output().slice(printed)).not.toMatch(TROUBLE_IN_LOG);
      expect(app.output().slice(printed)).toContain('"event":"session_ended"');
    });
  }
}

test('B5 a query that is prefetched twice calls the API once', async ({ page, app }) => {
  await signIn(page, 'alice', '/');
  const printed = app.output().length;
  await page.goto('/board');
  await expect(page.locator('.columns article')).toHaveCount(6);
  const calls =
    app
      .output()
      .slice(printed)
      .match(/"path":"notes\.byId"/g) ?? [];
  expect(calls).toHaveLength(6);
});
