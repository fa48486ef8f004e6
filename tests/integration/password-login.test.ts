import { beforeEach, describe, expect, test } from 'vitest';
import { LOGIN_PATHS } from '../../packages/demo/src/own-login';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { logIn } from '../../packages/next-trpc-bff/src/auth/tokens/own-login';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { tokenIssuerOf } from '../../packages/next-trpc-bff/src/auth/tokens/token-issuer';
import { env } from '../../packages/next-trpc-bff/src/runtime/process';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { callerFor, listMany, liveSession } from '../support/calling';
import { signInWithPassword } from '../support/password-session';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream(LOGIN_PATHS);
const ALICE = { login: 'alice', password: 'demo' };

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('T17 signing in with the API’s own login', () => {
  test('reads the user, and tokens that the API accepts, from the envelope', async () => {
    const answer = await logIn(ALICE, {});
    expect(answer).toEqual({
      kind: 'granted',
      signIn: {
        subject: 'alice',
        issuer: upstream.demo.apiUrl,
        providerSid: null,
        profile: { name: 'Alice Archer', email: 'alice@example.com', picture: null },
        tokens: {
          accessToken: expect.any(String),
          refreshToken: expect.any(String),
          idToken: null,
          expiresAt: expect.any(Number),
          renewAt: expect.any(Number),
        },
      },
    });
    const alice = await signInWithPassword();
    await expect(callerFor(alice).notes.list({ limit: 1 })).resolves.toMatchObject({
      items: [{ title: expect.stringMatching(/^Garden: /) }],
    });
    expect(await upstream.counters()).toMatchObject({ loginRequests: 2, tokenRequests: 0 });
  });

  test.each([
    ['a wrong password', { ...ALICE, password: 'wrong' }],
    ['an unknown login', { login: 'mallory', password: 'demo' }],
  ])('%s is refused', async (_, credentials) => {
    expect(await logIn(credentials, {})).toEqual({ kind: 'wrong-password' });
  });

  test('too many wrong passwords are throttled for that login only, the right password too', async () => {
    for (let n = 0; n < 5; n += 1)
      expect(await logIn({ ...ALICE, password: 'wrong' }, {})).toEqual({ kind: 'wrong-password' });
    expect(await logIn(ALICE, {})).toEqual({
      kind: 'throttled',
      retryAfter: expect.stringMatching(/^(60|[1-5]\d)$/),
    });
    expect(await logIn({ login: 'bob', password: 'demo' }, {})).toMatchObject({ kind: 'granted' });
    await upstream.control('reset');
    expect(await logIn(ALICE, {})).toMatchObject({ kind: 'granted' });
  });

  test.each([
    ['an outage', { status: 503 }],
    ['an answer that is no JSON', { status: 200, body: 'html' }],
    ['an answer of another shape', { status: 200, message: 'hello' }],
  ])('%s is not a wrong password', async (_, api) => {
    await upstream.control('knobs', { api });
    const answer = await logIn({ ...ALICE, password: 'a secret' }, {});
    expect(answer).toMatchObject({ kind: 'unavailable', cause: { code: expect.any(String) } });
    expect(JSON.stringify(answer, Object.getOwnPropertyNames(Error.prototype))).not.toContain('a secret');
  });
});

describe('T17, T1 fifty parallel calls cause one refresh', () => {
  test('when the access token is about to expire', async () => {
    await upstream.control('knobs', { accessTokenTtl: 1 });
    const alice = await signInWithPassword();
    await upstream.control('knobs', { accessTokenTtl: 300 });
    const { tokens } = await liveSession(alice);
    await expect.poll(() => Date.now() >= (tokens.renewAt ?? 0), { timeout: 5_000 }).toBe(true);
    const results = await listMany(alice, 50);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0, tokenRequests: 1 });
  });

  test('when the API rejects a token that has not expired', async () => {
    const alice = await signInWithPassword();
    await upstream.control('expire', { user: 'alice' });
    const results = await listMany(alice, 50);
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0, tokenRequests: 1 });
  });
});

test('T17, T5 two expiries in a row use the rotated refresh token', async () => {
  const alice = await signInWithPassword();
  for (const refreshes of [1, 2]) {
    await upstream.control('expire', { user: 'alice' });
    await callerFor(alice).notes.list({ limit: 1 });
    expect(await upstream.counters()).toMatchObject({ refreshes, refreshReuses: 0 });
  }
});

test('T17, T6 an answer without a new refresh token keeps the old one', async () => {
  await upstream.control('knobs', { rotate: false });
  const alice = await signInWithPassword();
  const before = await liveSession(alice);
  await renewTokens(before);
  const after = await liveSession(alice);
  expect(after.tokens.refreshToken).toBe(before.tokens.refreshToken);
  expect(after.tokens.accessToken).not.toBe(before.tokens.accessToken);
});

test('T17, T8 a rejected refresh ends the session once for all calls, without another token call', async () => {
  const alice = await signInWithPassword();
  await upstream.control('revoke', { user: 'alice' });
  for (const result of await listMany(alice, 10))
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UNAUTHORIZED' } });
  const { tokenRequests } = await upstream.counters();
  await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await upstream.counters()).toMatchObject({ tokenRequests, refreshes: 0, refreshReuses: 0 });
  expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
});

test.each([
  ['before', 'unused'],
  ['after', 'uncertain'],
])('T17, T10 an outage of the refresh path, %s redeeming, logs no user out', async (faultAt) => {
  const alice = await signInWithPassword();
  await upstream.control('expire', { user: 'alice' });
  await upstream.control('knobs', { token: { status: 503, faultAt } });
  await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect((await sessionState(alice)).status).toBe('live');
  await upstream.control('knobs');
  const later = callerFor(alice).notes.list({ limit: 1 });
  if (faultAt === 'before') await expect(later).resolves.toMatchObject({ items: [{}] });
  else await expect(later).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('T17 the answer decides whether a refresh token may have been redeemed', async () => {
  const { record, tokens } = await liveSession(await signInWithPassword());
  const redeem = () => tokenIssuerOf(record).redeem(tokens.refreshToken ?? '', tokens);
  await upstream.control('knobs', { token: { status: 429, faultAt: 'before' } });
  expect(await redeem()).toMatchObject({ kind: 'failed', refreshToken: 'unused' });
  await upstream.control('knobs', { token: { status: 503, faultAt: 'before' } });
  expect(await redeem()).toMatchObject({ kind: 'failed', refreshToken: 'uncertain' });
});

describe('T17, L5, L6 signing out', () => {
  const submit = (headers: Headers) =>
    signOut(new Request(`${APP_ORIGIN}/logout`, { method: 'POST', headers }));

  test('revokes at the API and lands on /login', async () => {
    const alice = await signInWithPassword();
    const { record, tokens } = await liveSession(alice);
    const response = await submit(alice);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/login?reason=signed-out']);
    expect((await sessionState(alice)).status).toBe('dead');
    expect(await upstream.counters()).toMatchObject({ revocations: 1 });
    expect(await tokenIssuerOf(record).redeem(tokens.refreshToken ?? '', tokens)).toEqual({
      kind: 'rejected',
    });
  });

  test('of a session of the identity provider still ends at the provider', async () => {
    const response = await submit(await signIn(upstream, 'alice'));
    expect(response.headers.get('location')).toMatch(new RegExp(`^${upstream.demo.issuer}/`));
  });
});

test('T17, L8 tokens of a refresh that finishes after the sign-out are revoked at the API', async () => {
  const alice = await signInWithPassword();
  await upstream.control('knobs', { token: { delayMs: 300, faultAt: 'after' } });
  const session = await liveSession(alice);
  const renewal = renewTokens(session);
  await expect.poll(async () => (await upstream.counters())['redemptions']).toBe(1);
  await signOut(new Request(`${APP_ORIGIN}/logout`, { method: 'POST', headers: alice }));
  expect(await renewal).toEqual({ status: 'ended' });
  await expect.poll(async () => (await upstream.counters())['revocations']).toBe(2);
});

test('T17 tokens are sent to their issuer only', async () => {
  const { record, tokens } = await liveSession(await signInWithPassword());
  await upstream.control('reset');
  const moved = tokenIssuerOf({ ...record, issuer: 'https://formerly.example' });
  expect(await moved.redeem('a token', tokens)).toEqual({ kind: 'rejected' });
  expect(await moved.revoke(tokens)).toEqual({ kind: 'confirmed' });
  expect(await upstream.counters()).toMatchObject({ tokenRequests: 0, revocations: 0 });
  expect(record.issuer).toBe(env().UPSTREAM_URL);
});
