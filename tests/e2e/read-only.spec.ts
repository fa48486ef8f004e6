import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { stopNext } from '../support/app';
import { canLimitFiles, setFileLimit } from '../support/confinement';
import { type Instances, startInstances } from '../support/instances';
import { isSessionLive, plainRequest, signInOverHttp } from '../support/plain-http';
import { alertOf } from './observe';

const LIST = '/api/trpc/notes.list?input=%7B%22limit%22%3A1%7D';

/** One process on a database that it may not always write. */
test.describe.configure({ mode: 'default' });
let folder: string;
let app: Instances;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bff-read-only-'));
  const store = { SESSION_STORE_URL: `file:${join(folder, 'sessions.db')}` };
  app = await startInstances(1, store, { boundByPermissions: true });
});
test.afterAll(async () => {
  setWritable(true);
  await app.stop();
  rmSync(folder, { recursive: true });
});
test.beforeEach(() => app.control('reset'));

function setWritable(isWritable: boolean): void {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), isWritable ? 0o600 : 0o400);
  if (!isWritable) chmodSync(folder, 0o500);
}

function instance() {
  const [only] = app.instances;
  if (!only) throw new Error('There is no instance.');
  return only;
}

const visit = (path: string, sessionToken: string, method = 'GET') =>
  plainRequest(app.origin + path, {
    method,
    headers: { cookie: `bff-session=${sessionToken}`, 'sec-fetch-site': 'same-origin' },
  });

test('R4 a database that became read-only can be read: changes answer 503, and work again later', async () => {
  test.skip(!canLimitFiles(), 'This machine does not let us forbid a process to write.');
  const [reader, leaver] = [await signInOverHttp(app), await signInOverHttp(app, 'bob')];
  const { child } = instance();
  setFileLimit(child.pid ?? 0, 0);
  for (const sessionToken of [reader, leaver]) {
    expect(await isSessionLive(app, sessionToken)).toBe(true);
    expect((await visit(LIST, sessionToken)).status).toBe(200);
  }
  await app.control('expire', { user: 'alice' });
  const refused = await visit(LIST, reader);
  expect([refused.status, refused.cookies]).toEqual([503, []]);
  const signOut = await visit('/logout', leaver, 'POST');
  expect([signOut.status, signOut.cookies]).toEqual([503, []]);
  await expect(signInOverHttp(app)).rejects.toThrow('The callback set no session: 303');
  for (const sessionToken of [reader, leaver]) expect(await isSessionLive(app, sessionToken)).toBe(true);
  expect(await app.counters()).toMatchObject({ refreshes: 0, refreshReuses: 0 });

  setFileLimit(child.pid ?? 0, 'unlimited');
  expect((await visit(LIST, reader)).status).toBe(200);
  expect(await app.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
  expect((await visit('/logout', leaver, 'POST')).status).toBe(303);
  expect(await isSessionLive(app, leaver)).toBe(false);
  expect(child.exitCode).toBeNull();
});

test('R4 a process that starts without write permission answers 503 and keeps cookies until it has it', async ({
  browser,
}) => {
  const sessionToken = await signInOverHttp(app);
  await stopNext(instance().child);
  setWritable(false);
  await instance().restart();
  const { child, output } = instance();
  for (const path of [LIST, '/logout', '/api/health/ready']) {
    const { status, cookies } = await visit(path, sessionToken);
    expect([path, status, cookies]).toEqual([path, 503, []]);
  }
  expect((await visit('/api/health', sessionToken)).status).toBe(200);
  expect(output()).toMatch(/session_store_unavailable.*EACCES/);

  const context = await browser.newContext({ baseURL: app.origin });
  await context.addCookies([{ name: 'bff-session', value: sessionToken, url: app.origin }]);
  const page = await context.newPage();
  await page.goto('/overview');
  await expect(alertOf(page).getByRole('button', { name: 'Retry' })).toBeVisible();
  expect(await context.cookies()).toHaveLength(1);

  setWritable(true);
  await page.reload();
  await expect(page.getByTestId('count')).toContainText('You have');
  expect((await visit('/logout', sessionToken, 'POST')).status).toBe(303);
  expect(await isSessionLive(app, sessionToken)).toBe(false);
  expect(child.exitCode).toBeNull();
  await context.close();
});
