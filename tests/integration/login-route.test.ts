import { NextRequest } from 'next/server';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { LOGIN_PATHS } from '../../packages/demo/src/own-login';
import { lastAttempt } from '../../packages/next-trpc-bff/src/auth/sign-in/attempt';
import { createAuth } from '../../packages/next-trpc-bff/src/auth/sign-in/create-auth';
import { identityProvider, passwordLogin } from '../../packages/next-trpc-bff/src/auth/sign-in/providers';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { configure } from '../support/environment';
import { freePort } from '../support/free-port';
import { cookieIn } from '../support/plain-http';
import { APP_ORIGIN, startUpstream } from '../support/signed-in';

const upstream = await startUpstream(LOGIN_PATHS);
const { handlers } = createAuth({ providers: [identityProvider, passwordLogin] });

const OURS = { 'sec-fetch-site': 'same-origin', origin: APP_ORIGIN };
const ALICE = { username: 'alice', password: 'demo', callbackUrl: '/notes?a=1' };

const post = (path: string, fields: Record<string, string> | string, headers: HeadersInit = OURS) =>
  handlers.POST(
    new NextRequest(`${APP_ORIGIN}/api/login${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...Object.fromEntries(new Headers(headers)),
      },
      body: new URLSearchParams(fields).toString(),
    }),
  );
const answerOf = ({ status, headers }: Response) => [status, headers.get('location'), headers.getSetCookie()];
const withCookie = (value: string | null) => new Headers({ cookie: `bff-password-attempt=${value}` });

beforeEach(() => upstream.control('reset'));

const REFUSED: [
  what: string,
  status: number,
  path: string,
  fields: Record<string, string>,
  headers: HeadersInit,
][] = [
  ['another site', 403, '', ALICE, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another site at a button', 403, '/oidc', ALICE, { 'sec-fetch-site': 'cross-site' }],
  ['somebody who says nothing', 403, '', ALICE, {}],
  ['a form with files', 415, '', ALICE, { ...OURS, 'content-type': 'multipart/form-data; boundary=x' }],
  ['a form of more than 16 KB', 413, '', { ...ALICE, more: 'x'.repeat(16_384) }, OURS],
  ['a button of no provider', 404, '/github', ALICE, OURS],
  ['a button of the password', 404, '/password', ALICE, OURS],
];

test.each(REFUSED)(
  'S8 %s is refused with %i, and nobody is asked',
  async (_, status, path, fields, headers) => {
    expect(answerOf(await post(path, fields, headers))).toEqual([status, null, []]);
    expect(await upstream.counters()).toMatchObject({ loginRequests: 0 });
  },
);

describe('S14 a form of another name of the application', () => {
  test.each(['', '/oidc'])(
    'at /api/login%s leads to /login at AUTH_URL, and sets no cookie',
    async (path) => {
      const response = await post(path, ALICE, { ...OURS, origin: 'http://127.0.0.1:3000' });
      const location = `${APP_ORIGIN}/login?callbackUrl=%2Fnotes%3Fa%3D1`;
      expect(answerOf(response)).toEqual([303, location, []]);
      expect(await upstream.counters()).toMatchObject({ loginRequests: 0 });
    },
  );
});

test('T17 an accepted password sets the session cookie, and leads to the page that was asked for', async () => {
  const response = await post('', ALICE);
  expect(answerOf(response).slice(0, 2)).toEqual([303, '/notes?a=1']);
  const cookies = response.headers.getSetCookie();
  const token = cookieIn(cookies, 'bff-session');
  expect((await sessionState(new Headers({ cookie: `bff-session=${token}` }))).status).toBe('live');
  expect(cookieIn(cookies, 'bff-password-attempt')).toBe('');
});

describe('S1 a wrong password', () => {
  test('is carried to /login for a minute, sealed, with the username and without the password', async () => {
    const response = await post('', { ...ALICE, password: 'not-hers' });
    expect(answerOf(response).slice(0, 2)).toEqual([303, '/login?callbackUrl=%2Fnotes%3Fa%3D1']);
    expect(response.headers.getSetCookie()).toEqual([expect.stringContaining('; Max-Age=60')]);
    const carried = cookieIn(response.headers.getSetCookie(), 'bff-password-attempt') ?? '';
    expect(carried).not.toMatch(/alice|not-hers/);
    expect(lastAttempt(withCookie(carried))).toEqual({
      problem: 'wrong-password',
      username: 'alice',
      retryAfter: null,
    });

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    expect(lastAttempt(withCookie(carried))).toBeNull();
    vi.useRealTimers();
    expect(lastAttempt(withCookie(`${carried.slice(0, -2)}AA`))).toBeNull();
    expect(lastAttempt(withCookie('v1.AAAA'))).toBeNull();
    expect(lastAttempt(new Headers())).toBeNull();
  });

  test.each([
    ['no password', { username: 'alice' }],
    ['an empty username', { ...ALICE, username: '' }],
    ['a password of 1,025 characters', { ...ALICE, password: 'x'.repeat(1_025) }],
  ])('is what %s is, and the API is not asked', async (_, fields) => {
    const response = await post('', fields);
    const carried = cookieIn(response.headers.getSetCookie(), 'bff-password-attempt');
    expect(lastAttempt(withCookie(carried))).toMatchObject({ problem: 'wrong-password' });
    expect(await upstream.counters()).toMatchObject({ loginRequests: 0 });
  });
});

test('S11 a button leads to the provider whatever cookies the browser has, with those that the callback checks', async () => {
  const cookie = 'bff-callback-url=%00nonsense; bff-csrf-token=old; bff-state=old';
  const response = await post(
    '/oidc',
    { callbackUrl: '/notes?q=a%26b', prompt: 'login' },
    { ...OURS, cookie },
  );
  const location = new URL(response.headers.get('location') ?? '');
  expect([response.status, location.origin]).toEqual([303, upstream.demo.issuer]);
  expect(location.searchParams.get('prompt')).toBe('login');
  expect(location.searchParams.get('state')).toMatch(/./);
  const cookies = response.headers.getSetCookie();
  for (const name of ['bff-state', 'bff-pkce', 'bff-nonce']) expect(cookieIn(cookies, name)).toMatch(/./);
  const returnsTo = decodeURIComponent(cookieIn(cookies, 'bff-callback-url') ?? '');
  expect(returnsTo).toBe(`${APP_ORIGIN}/notes?q=a%26b`);
});

test('S11 a prompt that no form of ours asks for is left out', async () => {
  const response = await post('/oidc', { prompt: 'none' });
  expect(new URL(response.headers.get('location') ?? '').searchParams.has('prompt')).toBe(false);
});

test('S11 while the provider is down a button leads back to /login, with the reason and the way back', async () => {
  configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: `http://localhost:${await freePort()}` });
  for (const memo of ['env', 'oidc']) Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
  const response = await post('/oidc', { callbackUrl: '/notes' });
  expect(answerOf(response).slice(0, 2)).toEqual([303, '/login?reason=unreachable&callbackUrl=%2Fnotes']);
});
