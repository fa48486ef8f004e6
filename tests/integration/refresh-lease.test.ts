import { beforeEach, describe, expect, test } from 'vitest';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { sessionState, sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { callerFor, keyOf, liveSession } from '../support/calling';
import { signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream();

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('T12 a lease holder that dies', () => {
  test('before redeeming makes the others wait for the rest of its lease, and nothing else', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('reset');
    await sessionStore().takeRefreshLease(keyOf(alice), 1, 'a process that dies', 300);
    expect((await renewTokens(await liveSession(alice))).status).toBe('renewed');
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
  });

  test('after redeeming causes one sign-in and no loop', async () => {
    const alice = await signIn(upstream, 'alice');
    const session = await liveSession(alice);
    await upstream.control('knobs', { token: { status: 503, faultAt: 'after' } });
    expect((await renewTokens(session)).status).toBe('unavailable');
    expect((await sessionState(alice)).status).toBe('live');
    await upstream.control('knobs');
    await upstream.control('expire', { user: 'alice' });
    await upstream.control('reset');
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await upstream.counters()).toMatchObject({ tokenRequests: 1, refreshes: 0 });
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
  });
});

test('T3 a process without the lease waits for the version to change, and redeems nothing', async () => {
  const alice = await signIn(upstream, 'alice');
  const session = await liveSession(alice);
  await upstream.control('reset');
  await sessionStore().takeRefreshLease(keyOf(alice), 1, 'another process', 60_000);
  const waiting = renewTokens(session);
  const theirs = sealTokens({ ...session.tokens, accessToken: 'theirs' }, session.record.key);
  await sessionStore().saveTokens(session.record.key, 1, theirs);
  expect(await waiting).toMatchObject({ status: 'renewed', session: { tokens: { accessToken: 'theirs' } } });
  expect(await upstream.counters()).toMatchObject({ tokenRequests: 0 });
});

test('a store that fails between redeeming and saving loses no token', async () => {
  const alice = await signIn(upstream, 'alice');
  const session = await liveSession(alice);
  const database = openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '');
  await upstream.control('knobs', { token: { delayMs: 200, faultAt: 'after' } });
  await upstream.control('reset');
  const renewal = renewTokens(session);
  await expect.poll(async () => (await upstream.counters())['redemptions']).toBe(1);
  database.exec(
    `CREATE TRIGGER no_save BEFORE UPDATE OF sealed_tokens ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  await expect.poll(async () => (await upstream.counters())['refreshes']).toBe(1);
  expect((await sessionState(alice)).status).toBe('live');
  database.exec('DROP TRIGGER no_save');
  expect((await renewal).status).toBe('renewed');
  await upstream.control('knobs');
  await callerFor(alice).notes.list({});
  expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
});
