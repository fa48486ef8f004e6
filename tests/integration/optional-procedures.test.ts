import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { optionalSessionToken } from '../../packages/next-trpc-bff/src/auth/tokens/session-token';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory } from '../../server/trpc';
import { browserHeaders } from '../support/browser-headers';
import { liveSession } from '../support/calling';
import { signIn, startUpstream } from '../support/signed-in';
import { teamRouter } from '../support/team-router';

const upstream = await startUpstream();

const callerFor = (headers: Headers) => createCallerFactory(teamRouter)(createContext({ headers }));
const anonymous = browserHeaders();

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('A12 an optional procedure', () => {
  test('works signed out without a token', async () => {
    expect(await callerFor(anonymous).greeting()).toBe('stranger');
  });

  test('sends the token while one is accepted', async () => {
    expect(await callerFor(await signIn(upstream, 'bob')).mine()).toEqual({ sub: 'bob' });
  });

  test('falls back to none when the token is dead, and logs no user out', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('revoke', { user: 'alice' });
    expect(await callerFor(alice).greeting()).toBe('alice');
    await expect(callerFor(alice).mine()).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('sends a dead refresh token to the provider once, and does not block later calls', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('revoke', { user: 'alice' });
    await upstream.control('reset');
    for (let call = 0; call < 2; call += 1)
      await expect(callerFor(alice).mine()).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
    await expect(callerFor(alice).notes()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await upstream.counters()).toMatchObject({ tokenRequests: 1 });
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
  });

  test('that finds the refresh token dead beside a protected call does not change the end reason of the session', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('revoke', { user: 'alice' });
    await upstream.control('reset');
    const caller = callerFor(alice);
    const [optional, required] = await Promise.allSettled([caller.mine(), caller.notes()]);
    expect(optional).toMatchObject({ reason: { code: 'BAD_GATEWAY' } });
    expect(required).toMatchObject({ reason: { code: 'UNAUTHORIZED' } });
    expect(await upstream.counters()).toMatchObject({ tokenRequests: 1 });
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
  });

  test('T10 goes on without a token while the provider fails, and with one once it is back', async () => {
    const alice = await signIn(upstream, 'alice');
    const { tokens, ...session } = await liveSession(alice);
    const authorization = optionalSessionToken({
      ...session,
      tokens: { ...tokens, renewAt: 0, expiresAt: 0 },
    });
    await upstream.control('knobs', { token: { status: 503 } });
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(await authorization.accessToken()).toBeNull();
    const { tokenRequests } = await upstream.counters();
    expect(await authorization.accessToken()).toBeNull();
    expect(await upstream.counters()).toMatchObject({ tokenRequests });

    await upstream.control('knobs');
    const due = authorization.dueAt() ?? Number.POSITIVE_INFINITY;
    expect(due).toBeGreaterThan(Date.now());
    vi.setSystemTime(due);
    expect(await authorization.accessToken()).toEqual(expect.any(String));
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('T10 goes on without a token that the API rejects while the provider fails, until it is back', async () => {
    const authorization = optionalSessionToken(await liveSession(await signIn(upstream, 'alice')));
    const token = (await authorization.accessToken()) ?? '';
    await upstream.control('knobs', { token: { status: 503 } });
    expect(await authorization.afterRejection(token)).toBeNull();
    expect(authorization.dueAt()).toBeGreaterThan(Date.now());
    await upstream.control('knobs');
    vi.useFakeTimers({ toFake: ['Date'], now: authorization.dueAt() ?? 0 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await authorization.accessToken()).toBe(token);
    expect(await authorization.afterRejection(token)).not.toBe(token);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1 });
  });

  test('goes on without a token while the upstream rejects even a fresh one', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('knobs', { api: { status: 401 } });
    await expect(callerFor(alice).mine()).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 3, refreshes: 1 });
    expect((await sessionState(alice)).status).toBe('live');
  });
});
