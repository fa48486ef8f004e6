import { expect, test } from '@playwright/test';
import Database from 'libsql';
import { startApp } from '../support/app';
import { isHandleLive, plainRequest, signInOverHttp } from '../support/plain-http';

const HALF_A_MEGABYTE = 1_024;

test('R4 a full disk refuses new sessions clearly, keeps the old ones, and corrupts nothing', async () => {
  test.setTimeout(120_000);
  const app = await startApp({}, { fileBlocks: HALF_A_MEGABYTE });
  const first = await signInOverHttp(app);
  let refusal: unknown = null;
  for (let attempt = 0; refusal === null && attempt < 400; attempt += 1) {
    refusal = await signInOverHttp(app, 'bob').then(
      () => null,
      (error: unknown) => error,
    );
  }
  expect(String(refusal)).toContain('The callback set no session: 303');
  expect(app.output()).toContain('SESSION_STORE_UNAVAILABLE');

  expect(await isHandleLive(app, first)).toBe(true);
  const headers = { cookie: `bff-session=${first}`, 'sec-fetch-site': 'same-origin' };
  const list = await plainRequest(`${app.origin}/api/trpc/notes.list?input=%7B%7D`, { headers });
  expect(list.status).toBe(200);
  const signOut = await plainRequest(`${app.origin}/logout`, { method: 'POST', headers });
  // SQLite may have made room meanwhile: what counts is that the answer is true.
  expect([303, 503]).toContain(signOut.status);
  expect(await isHandleLive(app, first)).toBe(signOut.status === 503);

  const database = new Database(app.databaseFile);
  const [check] = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
  expect(check?.integrity_check).toBe('ok');
  database.close();
  await app.stop();
});
