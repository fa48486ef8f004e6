import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { answerBackchannelLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/backchannel-logout';
import {
  endSessionUrl,
  redeemRefreshToken,
  revokeTokens,
} from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { signInFetch } from '../../packages/next-trpc-bff/src/auth/tokens/provider/sign-in-fetch';
import { bareAuthJs } from '../support/auth-js';
import { configure } from '../support/environment';
import { keepLogLines } from '../support/log-lines';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { APP_ORIGIN } from '../support/signed-in';

const provider = await startScriptedIssuer();
configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });
const logLines = keepLogLines();
const authJs = bareAuthJs();

const tokens = { accessToken: 'a', refreshToken: 'r', idToken: 'i', expiresAt: null, renewAt: null };
const seconds = () => Math.floor(Date.now() / 1000);
const claims = { iss: provider.origin, aud: 'the-client', sub: 'alice' };

async function signIn(changes: Record<string, unknown> = {}): Promise<URL> {
  const begun = await authJs.begin();
  const nonce = begun.location.searchParams.get('nonce');
  const id_token = await provider.sign({ ...claims, nonce, iat: seconds(), exp: seconds() + 60 });
  provider.tokenAnswer = { access_token: 'new', token_type: 'bearer', id_token, ...changes };
  return begun.finish();
}

async function logoutStatus(): Promise<number> {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const times = { iat: seconds(), exp: seconds() + 60 };
  const logout_token = await provider.sign(
    { ...claims, ...times, events, jti: randomUUID() },
    { typ: 'logout+jwt' },
  );
  const url = `${APP_ORIGIN}/api/backchannel-logout`;
  const body = new URLSearchParams({ logout_token });
  return (await answerBackchannelLogout(new Request(url, { method: 'POST', body }))).status;
}

const refreshed = async () => {
  provider.tokenAnswer = { access_token: 'new' };
  return (await redeemRefreshToken('r', tokens)).kind;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  Object.assign(provider, {
    publishes: 'everything',
    place: '',
    refusal: null,
    tokenAnswer: {},
    userinfo: null,
  });
  Object.assign(provider.requests, { metadata: 0, keys: 0, tokens: 0, revocations: 0, userinfos: 0 });
  for (const memo of ['oidc', 'provider-keys'])
    Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
  logLines.length = 0;
  authJs.signIns.length = 0;
});
afterEach(() => vi.useRealTimers());

const later = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60_000);

describe('S13 one discovery', () => {
  test('serves sign-in, refresh, revocation, end-session and back-channel logout', async () => {
    expect((await signIn()).pathname).toBe('/');
    expect((await signIn()).pathname).toBe('/');
    expect(await refreshed()).toBe('granted');
    expect((await revokeTokens(tokens)).kind).toBe('confirmed');
    expect(await endSessionUrl('i')).toContain(`${provider.origin}/end?`);
    expect(await logoutStatus()).toBe(200);
    expect(provider.requests).toEqual({ metadata: 1, keys: 1, tokens: 3, revocations: 1, userinfos: 2 });
  });

  test('serves callers in parallel', async () => {
    await Promise.all([authJs.begin(), refreshed(), refreshed(), endSessionUrl('i'), logoutStatus()]);
    expect(provider.requests.metadata).toBe(1);
  });

  test('is renewed every ten minutes, and the last one counts while that fails', async () => {
    await refreshed();
    later(9);
    await refreshed();
    expect(provider.requests.metadata).toBe(1);
    later(2);
    await refreshed();
    expect(provider.requests.metadata).toBe(2);
    later(11);
    provider.publishes = 'nothing';
    expect(await refreshed()).toBe('granted');
    expect(await refreshed()).toBe('granted');
    expect(provider.requests.metadata).toBe(3);
    provider.publishes = 'everything';
    later(1);
    await refreshed();
    expect(provider.requests.metadata).toBe(4);
  });

  test('that failed at first is tried again by the next caller', async () => {
    provider.publishes = 'nothing';
    expect(await refreshed()).toBe('failed');
    provider.publishes = 'everything';
    expect(await refreshed()).toBe('granted');
  });

  test('is renewed when an endpoint has moved, and at most twice a minute', async () => {
    expect(await refreshed()).toBe('granted');
    provider.place = '/v2';
    for (let call = 0; call < 5; call += 1) expect(await refreshed()).toBe('failed');
    expect(provider.requests.metadata).toBe(1);
    later(0.5);
    expect(await refreshed()).toBe('granted');
    expect((await signIn()).pathname).toBe('/');
    expect(provider.requests.metadata).toBe(2);
  });

  test('is renewed when the keys have moved, for the token that shows it', async () => {
    await refreshed();
    later(0.5);
    provider.place = '/v2';
    expect(await logoutStatus()).toBe(200);
    expect(provider.requests.metadata).toBe(2);
  });
});

test('S13 a provider without userinfo endpoint signs in', async () => {
  provider.publishes = 'no-userinfo';
  expect((await signIn()).pathname).toBe('/');
  expect(authJs.signIns).toHaveLength(1);
});

const SILENT = ['hang', 'stall', 'endless'] as const;
/** Far above our limit, ms, and far below that of Node's fetch. */
const WITHOUT_LIMIT_MS = 30_000;

describe('S13 every request to the provider is limited in time and in size, at sign-in too', () => {
  test.each(SILENT)(
    'a token endpoint that does “%s” fails the callback and the refresh',
    async (misbehaviour) => {
      const begun = await authJs.begin();
      provider.tokenAnswer = misbehaviour;
      const [location, refresh] = await Promise.all([begun.finish(), redeemRefreshToken('r', tokens)]);
      expect(location.pathname).toBe('/login');
      expect(location.searchParams.get('error')).toBe('Configuration');
      expect(refresh).toMatchObject({ kind: 'failed', meaning: 'passing', refreshToken: 'uncertain' });
    },
  );

  test.each(SILENT)(
    'metadata that does “%s” fails what needs it',
    async (misbehaviour) => {
      provider.publishes = misbehaviour;
      const [begun, refresh] = await Promise.all([authJs.begin(), redeemRefreshToken('r', tokens)]);
      expect(begun.location.searchParams.get('error')).toBe('Configuration');
      expect(refresh.kind).toBe('failed');
    },
    WITHOUT_LIMIT_MS,
  );

  test.each(SILENT)(
    'keys that do “%s” fail the back-channel logout',
    async (misbehaviour) => {
      await refreshed();
      provider.publishes = misbehaviour;
      expect(await logoutStatus()).toBe(503);
    },
    WITHOUT_LIMIT_MS,
  );
});

test('S13 S15 nothing goes unencrypted to an endpoint beyond this machine', async () => {
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: 'code' });
  const redeemed = signInFetch('http://id.invalid/token', { method: 'POST', body });
  await expect(redeemed).rejects.toThrow('INSECURE_ADDRESS');
});

test('S13 an answer of more than a megabyte is not read, nor one at sign-in', async () => {
  const answerOf = (bytes: number) => ({ access_token: 'new', padding: 'x'.repeat(bytes) });
  provider.tokenAnswer = answerOf(1_000_000);
  expect((await redeemRefreshToken('r', tokens)).kind).toBe('granted');
  provider.tokenAnswer = answerOf(1_100_000);
  expect((await redeemRefreshToken('r', tokens)).kind).toBe('failed');
  expect((await signIn(answerOf(1_000_000))).pathname).toBe('/');
  expect((await signIn(answerOf(1_100_000))).pathname).toBe('/login');
});

describe('S13 one error carries status and code, and no text of the answer', () => {
  test('a code that is refused is logged so', async () => {
    const begun = await authJs.begin();
    provider.refusal = {
      status: 401,
      body: { error: 'invalid_client', error_description: 'Bad secret: s3cr3t' },
    };
    expect((await begun.finish()).pathname).toBe('/login');
    const error = { name: 'IdentityProviderFailed', status: 401, oauthError: 'invalid_client' };
    expect(logLines).toEqual([
      expect.objectContaining({ level: 50, event: 'auth_error', error: expect.objectContaining(error) }),
    ]);
    expect(JSON.stringify(logLines)).not.toContain('s3cr3t');
  });

  test('a refused revocation and an unavailable provider are failures of the same kind', async () => {
    provider.refusal = { status: 400, body: { error: 'unsupported_token_type' } };
    const cause = { code: 'IDENTITY_PROVIDER_FAILED', status: 400, oauthError: 'unsupported_token_type' };
    expect(await revokeTokens(tokens)).toMatchObject({ kind: 'refused', cause });
    later(11);
    Reflect.deleteProperty(globalThis, Symbol.for('next-trpc-bff.oidc'));
    provider.publishes = 'nothing';
    await expect(endSessionUrl('i')).rejects.toMatchObject({ code: 'IDENTITY_PROVIDER_FAILED', status: 503 });
  });
});

describe('T19 a token answer at sign-in is read as at a refresh', () => {
  test('with numbers as text, and what is absent as null', async () => {
    expect(
      (await signIn({ expires_in: '3600', refresh_token: null, scope: null, token_type: 'JWT' })).pathname,
    ).toBe('/');
    expect(authJs.signIns).toEqual([
      expect.objectContaining({
        subject: 'alice',
        tokens: expect.objectContaining({
          accessToken: 'new',
          refreshToken: null,
          expiresAt: expect.any(Number),
        }),
      }),
    ]);
  });

  test('an error in a 200 fails the sign-in', async () => {
    const begun = await authJs.begin();
    provider.refusal = { status: 200, body: { error: 'bad_verification_code' } };
    expect((await begun.finish()).pathname).toBe('/login');
    expect(authJs.signIns).toEqual([]);
    expect(logLines).toEqual([
      expect.objectContaining({
        error: expect.objectContaining({ status: 200, oauthError: 'bad_verification_code' }),
      }),
    ]);
  });
});
