import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { isDueForRenewal } from '../../packages/next-trpc-bff/src/auth/tokens/session-token';
import { sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import {
  type LiveSession,
  sessionStateOf,
  sessionStore,
} from '../../packages/next-trpc-bff/src/session/state';
import { configure } from '../support/environment';
import { sampleRecord } from '../support/sample-record';
import { startScriptedIssuer } from '../support/scripted-issuer';

const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });
const STORE = Symbol.for('next-trpc-bff.session-store');
const old = {
  accessToken: 'old access',
  refreshToken: 'old refresh',
  idToken: 'old id',
  expiresAt: 1,
  renewAt: 1,
};
const idToken = (sub: string) => {
  const now = Math.floor(Date.now() / 1000);
  return provider.sign({ iss: provider.origin, aud: 'the-client', sub, iat: now, exp: now + 60 });
};

async function startedSession(): Promise<LiveSession> {
  const record = sampleRecord({ issuer: provider.origin });
  const session = { record: { ...record, sealedTokens: sealTokens(old, record.key) }, tokens: old };
  await sessionStore().create(session.record);
  return session;
}

beforeEach(() => Object.assign(provider.requests, { keys: 0, tokens: 0, revocations: 0 }));

test('T6 an answer without refresh and id token keeps the old ones', async () => {
  provider.tokenAnswer = { access_token: 'new', token_type: 'bearer', expires_in: 60 };
  expect(await renewTokens(await startedSession())).toMatchObject({
    status: 'renewed',
    session: { tokens: { accessToken: 'new', refreshToken: 'old refresh', idToken: 'old id' } },
  });
});

test.each([
  ['without expires_in', {}],
  ['whose expires_in is 0', { expires_in: 0 }],
])(
  'T7 an answer %s causes no refresh storm: the token is used until the API rejects it',
  async (_, expiry) => {
    provider.tokenAnswer = { access_token: 'new', token_type: 'bearer', ...expiry };
    const renewal = await renewTokens(await startedSession());
    if (renewal.status !== 'renewed') throw new Error(renewal.status);
    expect(renewal.session.tokens).toMatchObject({ expiresAt: null, renewAt: null });
    expect(isDueForRenewal(renewal.session)).toBe(false);
  },
);

describe('T16 an answer for another subject', () => {
  test('is refused, never saved, and revoked', async () => {
    const session = await startedSession();
    provider.tokenAnswer = {
      access_token: 'bob’s',
      refresh_token: 'bob’s',
      token_type: 'bearer',
      id_token: await idToken('bob'),
    };
    expect(await renewTokens(session)).toEqual({ status: 'rejected' });
    expect(await sessionStateOf(session.record.key)).toMatchObject({
      session: { tokens: { accessToken: 'old access' } },
    });
    await expect.poll(() => provider.requests.revocations).toBe(1);
  });

  test('while one for the same subject is taken', async () => {
    provider.tokenAnswer = { access_token: 'new', token_type: 'bearer', id_token: await idToken('alice') };
    expect((await renewTokens(await startedSession())).status).toBe('renewed');
  });
});

describe('T10 an invalid, missing or broken answer of the provider ends no session', () => {
  test.each<[string, typeof provider.tokenAnswer]>([
    ['a wrong shape', { hello: 'world' }],
    ['an error of its own', { error: 'server_error' }],
    ['a reset connection', 'reset'],
    ['no answer', 'hang'],
  ])('%s', async (_, answer) => {
    provider.tokenAnswer = answer;
    const session = await startedSession();
    expect((await renewTokens(session)).status).toBe('unavailable');
    expect((await sessionStateOf(session.record.key)).status).toBe('live');
    provider.tokenAnswer = { access_token: 'new', token_type: 'bearer' };
    expect((await renewTokens(session)).status).toBe('renewed');
    expect(provider.requests.tokens).toBe(2);
  });
});

test('T12 a paused lease holder whose refresh fails after its lease uses the tokens that others saved meanwhile', async () => {
  const session = await startedSession();
  const { key } = session.record;
  const store = sessionStore();
  onTestFinished(() => void Object.assign(globalThis, { [STORE]: store }));
  const takeRefreshLease: typeof store.takeRefreshLease = async (...parameters) => {
    const lease = await store.takeRefreshLease(...parameters);
    await store.saveTokens(key, 1, sealTokens({ ...old, accessToken: 'theirs' }, key));
    return lease;
  };
  Object.assign(globalThis, { [STORE]: { ...store, takeRefreshLease } });
  provider.tokenAnswer = 'reset';
  expect(await renewTokens(session)).toMatchObject({
    status: 'renewed',
    session: { tokens: { accessToken: 'theirs' } },
  });
});

test('T8 without a refresh token a renewal is rejected without a token call', async () => {
  const session = await startedSession();
  expect(await renewTokens({ ...session, tokens: { ...old, refreshToken: null } })).toEqual({
    status: 'rejected',
  });
  expect(provider.requests.tokens).toBe(0);
});
