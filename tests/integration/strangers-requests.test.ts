import { NextRequest } from 'next/server.js';
import NextAuth from 'next-auth';
import { beforeEach, describe, expect, test } from 'vitest';
import { authConfig } from '../../packages/next-trpc-bff/src/auth/sign-in/auth-config';
import { identityProvider } from '../../packages/next-trpc-bff/src/auth/sign-in/providers';
import { authRoutes } from '../../packages/next-trpc-bff/src/auth/sign-in/routes';
import { configure } from '../support/environment';
import { keepLogLines } from '../support/log-lines';
import { CookieJar } from '../support/provider-login';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { APP_ORIGIN } from '../support/signed-in';

const provider = await startScriptedIssuer();
configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });
const logLines = keepLogLines();

// Without the session that follows a sign-in: that asks Next for the request.
const { handlers } = NextAuth(() => {
  const { jwt: _, callbacks: __, ...config } = authConfig([identityProvider()].filter((way) => way !== null));
  return config;
});
const routes = authRoutes(handlers, { providers: () => ['oidc'], withPassword: true });

const levels = () => logLines.map(({ level }) => level);
beforeEach(() => {
  logLines.length = 0;
  Object.assign(provider, { refusal: null, tokenAnswer: {} });
});

async function ask(method: 'GET' | 'POST', path: string, cookie = ''): Promise<Response> {
  const body = method === 'POST' ? { body: new URLSearchParams({ a: 'b' }) } : {};
  const url = new URL(`/api/auth/${path}`, APP_ORIGIN);
  return routes[method](new NextRequest(url, { method, headers: { cookie }, ...body }));
}

/** Begins a sign-in. Returns its state and nonce, and the browser's cookies. */
async function begun(): Promise<{ state: string; nonce: string; cookie: string }> {
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };
  const url = new URL('/api/login/oidc', APP_ORIGIN);
  const answer = await routes.POST(
    new NextRequest(url, { method: 'POST', headers, body: 'callbackUrl=%2Fnotes' }),
  );
  const jar = new CookieJar();
  jar.remember(answer);
  const { searchParams } = new URL(answer.headers.get('location') ?? '');
  const [state = '', nonce = ''] = ['state', 'nonce'].map((name) => searchParams.get(name) ?? '');
  return { state, nonce, cookie: jar.headerFor(url) };
}

describe.each(['GET', 'POST'] as const)('S17 %s raises no alert', (method) => {
  test.each([
    'foo',
    'a/b/c',
    '%00',
    'csrf/x',
    'session',
    'error?error=x',
    'signin/oidc',
    'signin/foo',
    'callback',
    'callback/foo',
    'callback/%E0',
    'callback/oidc/x',
    'callback/oidc?code=x',
    'callback/oidc?code=x&state=y',
    'callback/oidc?error=<b>',
    'webauthn-options',
    'webauthn-options/foo',
  ])('of /api/auth/%s', async (path) => {
    expect((await ask(method, path)).status).toBeLessThan(500);
    for (const level of levels()) expect(level).toBe(30);
  });
});

describe('S17 who has begun a sign-in raises no alert', () => {
  test.each([
    ['with an error', 'error=server_error', 'unreachable'],
    ['with text for an error', 'error=a b', 'failed'],
    ['with no code', '', 'failed'],
    ['with a state given twice', 'code=x&state=y', 'failed'],
  ])('%s', async (_, query, reason) => {
    const { state, cookie } = await begun();
    const answer = await ask('GET', `callback/oidc?state=${state}&${query}`, cookie);
    expect(answer.headers.get('location')).toBe(`/login?reason=${reason}&callbackUrl=%2Fnotes`);
    expect(levels()).toEqual([30]);
    expect(JSON.stringify(logLines)).not.toContain('a b');
  });

  test('with a code that he made up, which the provider refuses', async () => {
    const { state, cookie } = await begun();
    provider.refusal = { status: 400, body: { error: 'invalid_grant' } };
    const answer = await ask('GET', `callback/oidc?state=${state}&code=x`, cookie);
    expect(answer.headers.get('location')).toBe('/login?reason=failed&callbackUrl=%2Fnotes');
    const error = expect.objectContaining({ status: 400, oauthError: 'invalid_grant' });
    expect(logLines).toEqual([expect.objectContaining({ level: 30, event: 'sign_in_refused', error })]);
  });
});

test('S17 a provider that refuses the application is an alert', async () => {
  const { state, cookie } = await begun();
  provider.refusal = { status: 401, body: { error: 'invalid_client' } };
  await ask('GET', `callback/oidc?state=${state}&code=x`, cookie);
  const error = expect.objectContaining({ status: 401, oauthError: 'invalid_client' });
  expect(logLines).toEqual([expect.objectContaining({ level: 50, event: 'auth_error', error })]);
});

test('S11 the answer that a sign-in waits for completes it', async () => {
  const { state, nonce, cookie } = await begun();
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: provider.origin, aud: 'the-client', sub: 'alice', nonce, iat, exp: iat + 60 };
  provider.tokenAnswer = { access_token: 'a', token_type: 'bearer', id_token: await provider.sign(claims) };
  const answer = await ask('GET', `callback/oidc?code=x&state=${state}`, cookie);
  expect(answer.headers.get('location')).toBe(`${APP_ORIGIN}/notes`);
  expect(logLines).toEqual([]);
});

test('S11 the answer to a sign-in of an earlier tab begins the later one again', async () => {
  const [earlier, later] = [await begun(), await begun()];
  const answer = await ask('GET', `callback/oidc?code=x&state=${earlier.state}`, later.cookie);
  expect(answer.headers.get('location')).toMatch(new RegExp(`^${provider.origin}/auth\\?`));
  const strange = await ask('GET', 'callback/oidc?code=x&state=y', later.cookie);
  expect(strange.headers.get('location')).toBe('/login?reason=failed&callbackUrl=%2Fnotes');
});
