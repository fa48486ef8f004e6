import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startInstances } from '../support/instances';
import { plainRequest } from '../support/plain-http';
import { startRedis } from '../support/redis-server';
import { hasSessionCookie, signIn } from './fixtures';
import { alertOf, press } from './observe';

const LIST = '/api/trpc/notes.list?input=%7B%22limit%22%3A1%7D';
const PAGE = '/overview';

/** A store that a test can take away and give back. */
interface Store {
  readonly environment: Record<string, string>;
  lose(): void | Promise<void>;
  giveBack(): void | Promise<void>;
  remove(): void | Promise<void>;
}

async function redis(): Promise<Store> {
  const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
  return {
    environment: { SESSION_STORE_URL: server.url, INSTANCES: 'many' },
    lose: server.kill,
    giveBack: server.start,
    remove: server.stop,
  };
}

function sqlite(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'bff-outage-'));
  const [here, away] = [join(folder, 'here'), join(folder, 'away')];
  return {
    environment: { SESSION_STORE_URL: `file:${join(here, 'sessions.db')}` },
    lose: () => renameSync(here, away),
    giveBack: () => renameSync(away, here),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

for (const [name, open] of [
  ['a Redis that is killed', redis],
  ['a SQLite file that is moved away with its folder', sqlite],
] as const) {
  test(`R2 ${name} under load and comes back logs no user out, with 503 and the error page meanwhile`, async ({
    browser,
  }) => {
    const store = await open();
    const app = await startInstances(2, store.environment);
    const context = await browser.newContext({ baseURL: app.origin });
    const page = await context.newPage();
    await signIn(page, 'alice', PAGE);
    const [{ value: sessionToken } = { value: '' }] = (await context.cookies()).filter(
      ({ name }) => name === 'bff-session',
    );
    const cookie = `bff-session=${sessionToken}`;
    const status = async (path: string, origin = app.origin) =>
      (await plainRequest(origin + path, { headers: { cookie } })).status;

    // Calls that wait leave the processor to others.
    await app.control('knobs', { api: { delayMs: 30 } });
    const answers: Record<string, number[]> = { [LIST]: [], [PAGE]: [] };
    let isOver = false;
    const load = Promise.all(
      [LIST, LIST, LIST, PAGE].map(async (path) => {
        while (!isOver) answers[path]?.push(await status(path));
      }),
    );
    const answered = () => Math.min(...Object.values(answers).map(({ length }) => length));
    await expect.poll(answered).toBeGreaterThan(5);

    await store.lose();
    await expect.poll(() => status(LIST)).toBe(503);
    for (const { origin } of app.instances) {
      expect(await status('/api/health/ready', origin)).toBe(503);
      expect(await status('/logout', origin)).toBe(503);
    }
    await page.goto(PAGE);
    const retry = alertOf(page).getByRole('button', { name: 'Retry' });
    await expect(retry).toBeVisible();
    expect(await hasSessionCookie(context)).toBe(true);

    await store.giveBack();
    for (const { origin } of app.instances)
      await expect.poll(() => status('/api/health/ready', origin), { timeout: 30_000 }).toBe(200);
    await press(retry);
    await expect(page.getByTestId('count')).toContainText('You have');
    expect(await status(LIST)).toBe(200);
    const before = answered();
    await expect.poll(answered).toBeGreaterThan(before + 5);
    isOver = true;
    await load;
    expect([...new Set(answers[LIST])].sort()).toEqual([200, 503]);
    expect([...new Set(answers[PAGE])].sort()).toEqual([200, 500]);
    for (const { child, output } of app.instances) {
      expect(child.exitCode).toBeNull();
      expect(output()).not.toContain('session_ended');
    }
    await context.close();
    await app.stop();
    await store.remove();
  });
}
