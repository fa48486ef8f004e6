import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { BACKGROUND_HEADER } from '../../packages/next-trpc-bff/src/http/wire';
import { keyringFrom, sessionTokensIn } from '../../packages/next-trpc-bff/src/session/secrets';
import { sessionState, sessionStateOf, sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { callerFor, keyOf } from '../support/calling';
import { sampleRecord } from '../support/sample-record';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream({ SESSION_IDLE_SECONDS: '600' });
const statusOf = async (headers: Headers) => (await sessionState(headers)).status;

beforeEach(async () => {
  for (const headers of [await signIn(upstream, 'alice')]) await callerFor(headers).session.revokeOthers();
});

describe('L10 the list of sessions', () => {
  test('shows the user’s own with the current one marked, and no session token', async () => {
    const [laptop, phone] = [await signIn(upstream, 'alice'), await signIn(upstream, 'alice')];
    await signIn(upstream, 'bob');
    const list = await callerFor(laptop).session.list();
    expect(list.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    expect(list.length).toBe(3);
    const text = JSON.stringify(list);
    for (const headers of [laptop, phone]) {
      expect(text).not.toContain(keyOf(headers));
      expect(text).not.toContain(sessionTokensIn(headers)[0]);
    }
  });

  test('revoking another one ends it at once, at the provider too', async () => {
    const [laptop, phone] = [await signIn(upstream, 'alice'), await signIn(upstream, 'alice')];
    await upstream.control('reset');
    const [target] = (await callerFor(phone).session.list()).filter(({ isCurrent }) => isCurrent);
    await callerFor(laptop).session.revoke({ id: target?.id ?? '' });
    expect(await sessionState(phone)).toMatchObject({
      status: 'dead',
      reason: 'ended',
      endReason: 'revoked',
    });
    await expect(callerFor(phone).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await statusOf(laptop)).toBe('live');
    await expect.poll(() => upstream.counters()).toMatchObject({ revocations: 1, apiRequests: 0 });
  });

  test('revoking all others keeps this one', async () => {
    const [laptop, phone, tablet] = [
      await signIn(upstream, 'alice'),
      await signIn(upstream, 'alice'),
      await signIn(upstream, 'alice'),
    ];
    expect((await callerFor(laptop).session.revokeOthers()).ended).toBeGreaterThanOrEqual(2);
    expect([await statusOf(laptop), await statusOf(phone), await statusOf(tablet)]).toEqual([
      'live',
      'dead',
      'dead',
    ]);
  });

  test('no user can revoke a session of another one', async () => {
    const [alice, bob] = [await signIn(upstream, 'alice'), await signIn(upstream, 'bob')];
    const [target] = await callerFor(bob).session.list();
    await expect(callerFor(alice).session.revoke({ id: target?.id ?? '' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(callerFor(alice).session.revoke({ id: keyOf(bob) })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await statusOf(bob)).toBe('live');
  });

  test('is UNAUTHORIZED when signed out', async () => {
    await expect(callerFor(browserHeaders()).session.list()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

describe('S5 while one process has a new secret and another one the old', () => {
  const setSecret = (secret: string) =>
    Object.assign(globalThis, { [Symbol.for('next-trpc-bff.keyring')]: keyringFrom([secret]) });
  const { AUTH_SECRET: old = '' } = process.env;
  afterEach(() => setSecret(old));

  test('a session that is revoked where its tokens cannot be decrypted is dead everywhere', async () => {
    const phone = await signIn(upstream, 'alice');
    const [target] = (await callerFor(phone).session.list()).filter(({ isCurrent }) => isCurrent);
    setSecret('a-newer-secret-for-tests-0123456789abcdef');
    const laptop = await signIn(upstream, 'alice');
    await callerFor(laptop).session.revoke({ id: target?.id ?? '' });
    expect(await callerFor(laptop).session.list()).toHaveLength(2);
    setSecret(old);
    expect(await sessionState(phone)).toMatchObject({ status: 'dead', endReason: 'revoked' });
  });

  test('L7 a sign-out where the tokens cannot be decrypted ends the session everywhere', async () => {
    const alice = await signIn(upstream, 'alice');
    setSecret('a-newer-secret-for-tests-0123456789abcdef');
    const response = await signOut(new Request(`${APP_ORIGIN}/logout`, { method: 'POST', headers: alice }));
    expect(response.headers.get('location')).toBe('/login');
    setSecret(old);
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'signed-out' });
  });
});

describe('S4 deadlines', () => {
  const aged = async (headers: Headers, changes: { seenAt?: number; idleDeadline?: number }) => {
    const { seenAt = Date.now(), idleDeadline = Date.now() + 600_000 } = changes;
    await sessionStore().touch(keyOf(headers), seenAt, idleDeadline);
  };
  const deadlineOf = async (headers: Headers) =>
    (await sessionStore().read(keyOf(headers)))?.idleDeadline ?? 0;

  test('a session past its idle deadline is dead, and using it does not revive it', async () => {
    const alice = await signIn(upstream, 'alice');
    await aged(alice, { idleDeadline: Date.now() - 1 });
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', reason: 'idle' });
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await statusOf(alice)).toBe('dead');
  });

  test('a session past its absolute deadline is dead however recently it was used', async () => {
    const record = sampleRecord({ absoluteDeadline: Date.now() - 1 });
    await sessionStore().create(record);
    await sessionStore().touch(record.key, Date.now(), Date.now() + 600_000);
    expect(await sessionStateOf(record.key)).toEqual({ status: 'dead', reason: 'absolute' });
  });

  test('use moves the idle deadline, at most once a minute; a background poll never does', async () => {
    const alice = await signIn(upstream, 'alice');
    const soon = Date.now() + 60_000;
    await aged(alice, { seenAt: Date.now() - 61_000, idleDeadline: soon });
    const background = new Headers(alice);
    background.set(BACKGROUND_HEADER, '1');
    await callerFor(background).session.current();
    expect(await deadlineOf(alice)).toBe(soon);
    await callerFor(alice).session.current();
    const moved = await deadlineOf(alice);
    expect(moved).toBeGreaterThan(soon);
    await callerFor(alice).session.current();
    expect(await deadlineOf(alice)).toBe(moved);
  });
});
