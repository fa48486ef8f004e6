import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { stop } from '../../packages/next-trpc-bff/src/runtime/stopping';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { GRACE_MS } from '../../packages/next-trpc-bff/src/session/store';
import { sweepSessions } from '../../packages/next-trpc-bff/src/session/sweep';
import { configure } from '../support/environment';
import { sampleRecord } from '../support/sample-record';

configure();
const store = sessionStore();
const operator = openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '', 5_000);
const counting = operator.prepare<{ count: number }>('SELECT count(*) AS count FROM sessions');
const sessions = () => counting.get()?.count ?? 0;

/** Puts sessions there that have been over for long. */
const addExpired = (count: number) =>
  operator.exec(`
    INSERT INTO sessions (key, public_id, subject, issuer, provider_sid, profile, created_at, seen_at, idle_deadline,
      absolute_deadline, token_version, sealed_tokens)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
    SELECT printf('key-%06d', n), printf('public-%06d', n), printf('user-%06d', n), 'http://localhost:4000',
      printf('sid-%06d', n), '{}', 0, 0, n, ${Date.now() + GRACE_MS}, 1, 'v1.sealed' FROM numbers`);

beforeEach(() => operator.exec('DELETE FROM sessions; DELETE FROM remembered'));

test('R9 a sweep of 100,000 expired sessions never holds the event loop, and reads are answered meanwhile', async () => {
  const alive = sampleRecord();
  await store.create(alive);
  addExpired(100_000);
  let isSweeping = true;
  const swept = sweepSessions().finally(() => {
    isSweeping = false;
  });
  let [before, most] = [sessions(), 0];
  while (isSweeping) {
    await setImmediate();
    expect(await store.read(alive.key)).toEqual(alive);
    const now = sessions();
    most = Math.max(most, before - now);
    before = now;
  }
  expect(await swept).toBe(100_000);
  expect(sessions()).toBe(1);
  // In one turn of the event loop, of 100,000.
  expect(most).toBeLessThanOrEqual(100);
}, 120_000);

test('R9 expired names are swept as well', async () => {
  for (let n = 0; n < 120; n += 1) await store.markSeen(`name-${n}`, 1);
  await store.markSeen('kept', Date.now() + 60_000);
  expect(await sweepSessions()).toBe(120);
  expect(await store.hasSeen('kept')).toBe(true);
});

test('R9 of processes that share a store one sweeps, and another one minutes later', async () => {
  addExpired(10);
  const swept = await Promise.all([sweepSessions(), sweepSessions(), sweepSessions()]);
  expect(swept).toEqual([10, null, null]);
  operator.exec('UPDATE remembered SET until = 0');
  addExpired(10);
  expect(await sweepSessions()).toBeGreaterThanOrEqual(10);
});

test('R2 when the store fails during a sweep, the next one deletes the rest', async () => {
  addExpired(10);
  operator.exec('ALTER TABLE sessions RENAME TO gone');
  expect(await sweepSessions()).toBe(0);
  operator.exec('ALTER TABLE gone RENAME TO sessions; DELETE FROM remembered');
  expect(await sweepSessions()).toBe(10);
});

test('R1 a process that was asked to stop sweeps no further', async () => {
  addExpired(1_000);
  const swept = sweepSessions();
  stop();
  expect(await swept).toBeLessThan(1_000);
  expect(sessions()).toBeGreaterThan(0);
});
