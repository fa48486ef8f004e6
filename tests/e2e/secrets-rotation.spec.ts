import { expect, test } from '@playwright/test';
import { AUTH_SECRET, startApp } from '../support/app';
import { isSessionLive, signInOverHttp } from '../support/plain-http';

const NEWER = 'a-newer-secret-for-tests-0123456789abcdef';

test('S5 a rotated secret keeps sessions; dropping the old one makes them anonymous, and sign-in works the first time', async () => {
  const before = await startApp();
  const store = { SESSION_STORE_URL: `file:${before.databaseFile}` };
  const old = await signInOverHttp(before);

  const rotated = await startApp({ ...store, AUTH_SECRET_1: NEWER });
  expect(await isSessionLive(rotated, old)).toBe(true);
  const fresh = await signInOverHttp(rotated);

  const dropped = await startApp({ ...store, AUTH_SECRET: NEWER });
  expect(AUTH_SECRET).not.toBe(NEWER);
  expect(await isSessionLive(dropped, old)).toBe(false);
  expect(await isSessionLive(dropped, fresh)).toBe(true);
  expect(await isSessionLive(dropped, await signInOverHttp(dropped))).toBe(true);
  for (const app of [before, rotated, dropped]) await app.stop();
});
