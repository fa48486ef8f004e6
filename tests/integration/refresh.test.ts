import { beforeEach, describe, expect, test } from 'vitest';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { revokeAtProvider } from '../../packages/next-trpc-bff/src/auth/tokens/revoke';
import { sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import { sessionState, sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { callerFor, keyOf, listMany, liveSession } from '../support/calling';
import { signIn, startUpstream } from '../support/signed-in';
import { watchStoreOperations } from '../support/store-operations';

const upstream = await startUpstream();

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('T1 fifty parallel calls cause one refresh', () => {
  test('when the access token is about to expire', async () => {
    await upstream.control('knobs', { accessTokenTtl: 1 });
    const alice = await signIn(upstream, 'alice');
    await upstream.control('knobs', { accessTokenTtl: 300 });
    const { tokens } = await liveSession(alice);
    await expect.poll(() => Date.now() >= (tokens.renewAt ?? 0), { timeout: 5_000 }).toBe(true);
    const results = await listMany(alice, 50);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
  });

  test('when the API rejects a token that has not expired', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('expire', { user: 'alice' });
    const results = await listMany(alice, 50);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0, apiRequests: 100 });
  });
});

test('T1 one refresh is in flight in a process: of fifty calls one asks the store for the lease', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('expire', { user: 'alice' });
  const operations = watchStoreOperations();
  await listMany(alice, 50);
  expect(operations.filter((name) => name === 'takeRefreshLease')).toHaveLength(1);
});

test('T4 a late call with the old token gets the new one without a second redemption', async () => {
  const alice = await signIn(upstream, 'alice');
  const early = await liveSession(alice);
  const first = await renewTokens(early);
  const late = await renewTokens(early);
  expect(first.status).toBe('renewed');
  expect(late).toMatchObject({ status: 'renewed', session: { record: { tokenVersion: 2 } } });
  expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
});

test('T5 two expiries in a row use the rotated refresh token', async () => {
  const alice = await signIn(upstream, 'alice');
  for (const round of [1, 2, 3]) {
    await upstream.control('expire', { user: 'alice' });
    await expect(callerFor(alice).notes.list({ limit: 1 })).resolves.toMatchObject({
      items: [{ title: /./ }],
    });
    expect(await upstream.counters()).toMatchObject({ refreshes: round, refreshReuses: 0 });
  }
});

test('T6 an answer without a new refresh token keeps the old one', async () => {
  await upstream.control('knobs', { rotate: false });
  const alice = await signIn(upstream, 'alice');
  const before = await liveSession(alice);
  await renewTokens(before);
  const after = await liveSession(alice);
  expect(after.tokens.accessToken).not.toBe(before.tokens.accessToken);
  expect(after.tokens.refreshToken).toBe(before.tokens.refreshToken);
  await renewTokens(after);
  expect(await upstream.counters()).toMatchObject({ refreshes: 2, refreshReuses: 0 });
});

test('T8 a refresh that the provider rejects ends the session for all calls, without another token call', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('revoke', { user: 'alice' });
  await upstream.control('reset');
  const results = await listMany(alice, 10);
  for (const result of results)
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UNAUTHORIZED' } });
  const { tokenRequests } = await upstream.counters();
  await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await upstream.counters()).toMatchObject({ tokenRequests, refreshes: 0 });
  expect(await sessionState(alice)).toMatchObject({
    status: 'dead',
    reason: 'ended',
    endReason: 'refresh-rejected',
  });
});

describe('T9, T10 a failure that does not concern the refresh token logs no user out', () => {
  test.each([
    ['the operator’s mistake', { error: 'invalid_client', status: 401 }],
    ['a provider that is down', { status: 503 }],
  ])('%s', async (_, token) => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('expire', { user: 'alice' });
    await upstream.control('knobs', { token: { ...token, faultAt: 'before' } });
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect((await sessionState(alice)).status).toBe('live');
    await upstream.control('knobs');
    await expect(callerFor(alice).notes.list({ limit: 1 })).resolves.toMatchObject({ items: [{}] });
  });

  test('T10 a token that is still valid is used while the provider is down', async () => {
    await upstream.control('knobs', { accessTokenTtl: 20 });
    const alice = await signIn(upstream, 'alice');
    const session = await liveSession(alice);
    const due = { ...session, tokens: { ...session.tokens, renewAt: 0 } };
    await sessionStore().saveTokens(due.record.key, 1, sealTokens(due.tokens, due.record.key));
    await upstream.control('knobs', { token: { status: 503, faultAt: 'before' } });
    await upstream.control('reset');
    await expect(callerFor(alice).notes.list({ limit: 1 })).resolves.toMatchObject({ items: [{}] });
    expect((await upstream.counters())['tokenRequests']).toBeGreaterThan(0);
  });
});

describe('T11 a 401 on an unexpired token', () => {
  test('causes exactly one refresh and one retry', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('expire', { user: 'alice' });
    await callerFor(alice).notes.create({ title: 'Written once', body: '' });
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, apiRequests: 2 });
    const { items } = await callerFor(alice).notes.list({ limit: 100 });
    expect(items.filter(({ title }) => title === 'Written once')).toHaveLength(1);
  });

  test('and a second 401 ends the session', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('knobs', { api: { status: 401 } });
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, apiRequests: 2 });
    expect(await sessionState(alice)).toMatchObject({
      status: 'dead',
      reason: 'ended',
      endReason: 'upstream-401',
    });
    await expect.poll(async () => (await upstream.counters())['revocations']).toBe(1);
  });

  test('L6 of ten calls at once revokes the tokens once', async () => {
    const [alice, bob] = [await signIn(upstream, 'alice'), await signIn(upstream, 'bob')];
    await upstream.control('knobs', { api: { status: 401 } });
    await upstream.control('reset');
    await listMany(alice, 10);
    await expect.poll(async () => (await upstream.counters())['revocations']).toBeGreaterThan(0);
    // Whatever else was on its way has arrived by the time this one has.
    await revokeAtProvider(await liveSession(bob), 5_000);
    expect(await upstream.counters()).toMatchObject({ revocations: 2 });
  });
});

test('T13 a caller that goes away leaves the refresh to finish, and its token is kept', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('expire', { user: 'alice' });
  await upstream.control('knobs', { token: { delayMs: 300, faultAt: 'after' } });
  await upstream.control('reset');
  const caller = new AbortController();
  const call = callerFor(alice, caller.signal).notes.list({});
  await expect.poll(async () => (await upstream.counters())['tokenRequests']).toBe(1);
  caller.abort();
  await expect(call).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  await expect.poll(async () => (await liveSession(alice)).record.tokenVersion).toBe(2);
  await upstream.control('knobs');
  await callerFor(alice).notes.list({});
  expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
});

test('T14 a renewed token is persisted: five later requests do not refresh', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('expire', { user: 'alice' });
  for (let visit = 0; visit < 6; visit += 1) await callerFor(alice).notes.list({ limit: 1 });
  expect(await upstream.counters()).toMatchObject({ refreshes: 1 });
});

test('L8 a refresh that finishes after the sign-out does not revive the session, and its token is revoked', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('knobs', { token: { delayMs: 300, faultAt: 'after' } });
  const renewal = renewTokens(await liveSession(alice));
  await expect.poll(async () => (await upstream.counters())['redemptions']).toBe(1);
  await sessionStore().endRecord(keyOf(alice), 'signed-out', Date.now());
  expect(await renewal).toEqual({ status: 'ended' });
  expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'signed-out' });
  await expect.poll(async () => (await upstream.counters())['revocations']).toBe(1);
});
