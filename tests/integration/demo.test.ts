import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../demo/loopback';
import { type DemoServices, startDemoServices } from '../../demo/services';
import { CookieJar, signInAtProvider } from '../support/provider-login';

const NO_APP = 'http://localhost:1';
const ALICE = { login: 'alice', password: 'demo' };
const BOB = { login: 'bob', password: 'demo' };

let demo: DemoServices;
let appOrigin: string;
let client: oidc.Configuration;

beforeEach(async () => {
  await startFor(NO_APP);
});

afterEach(() => demo.stop());

describe('signing in', () => {
  test('a code exchanged with its verifier gives ID, access and refresh token', async () => {
    const tokens = await signIn(ALICE);
    expect(tokens.claims()).toMatchObject({ sub: 'alice', name: 'Alice Archer', email: 'alice@example.com' });
    expect(tokens).toMatchObject({ scope: 'notes', expires_in: 300, refresh_token: expect.any(String) });
    expect(await (await api('/me', tokens)).json()).toEqual({
      sub: 'alice',
      name: 'Alice Archer',
      email: 'alice@example.com',
    });
  });

  test('the form names its fields, has one button and no script, and comes back on a wrong password', async () => {
    const { formUrl, jar } = await openForm();
    const page = await (await fetch(formUrl, { headers: { cookie: jar.headerFor(formUrl) } })).text();
    expect(page).toContain('Demo identity provider</title>');
    expect(page.match(/name="(login|password)"/g)).toEqual(['name="login"', 'name="password"']);
    expect(page.match(/<button/g)).toHaveLength(1);
    expect(page).not.toContain('<script');

    const refused = await fetch(formUrl, {
      method: 'POST',
      headers: { cookie: jar.headerFor(formUrl) },
      body: new URLSearchParams({ login: '<alice>', password: 'wrong' }),
    });
    const refusal = await refused.text();
    expect(refused.status).toBe(401);
    expect(refusal).toContain('role="alert"');
    expect(refusal).toContain('value="&lt;alice&gt;"');
    expect(await counters()).toMatchObject({ loginRequests: 1 });
  });

  test('a wrong password leads nowhere', async () => {
    await expect(signIn({ login: 'alice', password: 'wrong' })).rejects.toThrow('did not sign alice in: 401');
  });

  test('a form without its cookies says that the sign-in has expired', async () => {
    const { formUrl } = await openForm();
    const answer = await fetch(formUrl);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('has expired')]);
  });

  test('an authorization request without PKCE is refused', async () => {
    const parameters = new URLSearchParams({
      client_id: demo.clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `${appOrigin}/api/auth/callback/oidc`,
    });
    await expect(signInAtProvider(`${demo.issuer}/auth?${parameters}`, ALICE)).resolves.toHaveProperty(
      'search',
      expect.stringContaining('error=invalid_request'),
    );
  });

  test('the provider remembers its user, and prompt=login asks again', async () => {
    const jar = new CookieJar();
    await signIn(ALICE, { jar });
    await signIn(ALICE, { jar });
    expect(await counters()).toMatchObject({ loginRequests: 1 });
    await signIn(ALICE, { jar, prompt: 'login' });
    expect(await counters()).toMatchObject({ loginRequests: 2 });
  });

  test('prompt=login lets another user sign in, without JavaScript, and ends the former one', async () => {
    const jar = new CookieJar();
    const former = await signIn(ALICE, { jar });
    const latter = await signIn(BOB, { jar, prompt: 'login' });
    expect(latter.claims()?.sub).toBe('bob');
    await expect(refresh(former)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await signIn(BOB, { jar })).claims()?.sub).toBe('bob');
    expect(await counters()).toMatchObject({ loginRequests: 2 });
  });

  test('two instances in one process share nothing', async () => {
    const other = await startDemoServices({ port: 0, appOrigin });
    try {
      const tokens = await signIn(ALICE);
      const foreign = await fetch(`${other.apiUrl}/me`, bearer(tokens));
      expect(foreign.status).toBe(401);
      expect(await (await fetch(`${other.origin}/__demo/counters`)).json()).toMatchObject({
        tokenRequests: 0,
      });
    } finally {
      await other.stop();
    }
  });

  test('a taken port is an error that says so', async () => {
    const port = Number(new URL(demo.origin).port);
    await expect(startDemoServices({ port, appOrigin })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('refreshing', () => {
  test('a refresh rotates the token, and each one works once', async () => {
    const first = await signIn(ALICE);
    const second = await refresh(first);
    const third = await refresh(second);
    expect(new Set([first.refresh_token, second.refresh_token, third.refresh_token]).size).toBe(3);
    expect((await api('/me', third)).status).toBe(200);
    expect(await counters()).toMatchObject({
      tokenRequests: 3,
      refreshes: 2,
      redemptions: 2,
      refreshReuses: 0,
    });
  });

  test('a re-used token is refused and takes its family with it', async () => {
    const first = await signIn(ALICE);
    const second = await refresh(first);
    await expect(refresh(first)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await expect(refresh(second)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await counters()).toMatchObject({ refreshes: 1, refreshReuses: 1 });
  });

  test('of two refreshes at the same moment with one token only one is answered', async () => {
    const tokens = await signIn(ALICE);
    const outcomes = await Promise.allSettled([refresh(tokens), refresh(tokens), refresh(tokens)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    expect((await counters())['refreshReuses']).toBeGreaterThanOrEqual(1);
  });

  test('a family ends alone: another sign-in of the same browser lives on', async () => {
    const jar = new CookieJar();
    const first = await signIn(ALICE, { jar });
    const second = await signIn(ALICE, { jar });
    await oidc.tokenRevocation(client, first.refresh_token ?? '');
    await expect(refresh(first)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(refresh(second)).resolves.toBeDefined();
    expect(await counters()).toMatchObject({ revocations: 1, refreshReuses: 0 });
  });

  test('the lifetime knob holds for the next token and its expires_in', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { accessTokenTtl: 7 });
    const refreshed = await refresh(tokens);
    const [, payload = ''] = refreshed.access_token.split('.');
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect([refreshed.expires_in, exp - iat]).toEqual([7, 7]);
  });

  test('without rotation the answer has no refresh token and the old one keeps working', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { rotate: false });
    expect(await refresh(tokens)).not.toHaveProperty('refresh_token');
    await expect(refresh(tokens)).resolves.toBeDefined();
    expect(await counters()).toMatchObject({ refreshes: 2, refreshReuses: 0 });
  });
});

describe('faults at the token endpoint', () => {
  test('a fault before redemption leaves the refresh token usable', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { status: 503 } });
    await expect(refresh(tokens)).rejects.toMatchObject({ cause: { status: 503 } });
    await control('knobs', {});
    await expect(refresh(tokens)).resolves.toBeDefined();
    expect(await counters()).toMatchObject({ refreshes: 1, redemptions: 1, refreshReuses: 0 });
  });

  test('a fault after redemption has used the refresh token up', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { status: 503, faultAt: 'after' } });
    await expect(refresh(tokens)).rejects.toMatchObject({ cause: { status: 503 } });
    expect(await counters()).toMatchObject({ refreshes: 0, redemptions: 1 });
    await control('knobs', {});
    await expect(refresh(tokens)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await counters()).toMatchObject({ refreshReuses: 1 });
  });

  test('a named error is answered with 400, or with the status given', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { error: 'invalid_grant' } });
    await expect(refresh(tokens)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await control('knobs', { token: { error: 'invalid_client', status: 401 } });
    await expect(refresh(tokens)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      status: 401,
    });
  });

  test('a caller that leaves during the delay has redeemed nothing before, and everything after', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { delayMs: 60_000 } });
    await leaveDuring((signal) => requestRefresh(tokens, signal), 'tokenRequests');
    await control('knobs', {});
    const refreshed = await refresh(tokens);
    await control('knobs', { token: { delayMs: 60_000, faultAt: 'after' } });
    await leaveDuring((signal) => requestRefresh(refreshed, signal), 'redemptions');
    await control('knobs', {});
    await expect(refresh(refreshed)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('ending what a user has', () => {
  test('expire rejects the access tokens issued so far and none issued later', async () => {
    const [alice, bob] = await Promise.all([signIn(ALICE), signIn(BOB)]);
    await control('expire', { user: 'alice' });
    const refreshed = await refresh(alice);
    expect((await api('/notes', alice)).status).toBe(401);
    expect((await api('/notes', refreshed)).status).toBe(200);
    expect((await api('/notes', bob)).status).toBe(200);
  });

  test('revoke ends grants, access tokens and the session at the provider', async () => {
    const jar = new CookieJar();
    const [alice, bob] = await Promise.all([signIn(ALICE, { jar }), signIn(BOB)]);
    await control('revoke', { user: 'alice' });
    expect((await api('/notes', alice)).status).toBe(401);
    await expect(refresh(alice)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await api('/notes', bob)).status).toBe(200);
    await expect(refresh(bob)).resolves.toBeDefined();
    await signIn(ALICE, { jar });
    expect(await counters()).toMatchObject({ loginRequests: 3, refreshReuses: 0 });
  });

  test('end-session with an ID token goes straight back and forgets the user', async () => {
    const jar = new CookieJar();
    const tokens = await signIn(ALICE, { jar });
    expect(await endSession(tokens, jar)).toEqual({ status: 303, location: `${appOrigin}/login?state=s1` });
    await expect(refresh(tokens)).rejects.toMatchObject({ error: 'invalid_grant' });
    await signIn(ALICE, { jar });
    expect(await counters()).toMatchObject({ loginRequests: 2 });
  });

  test('end-session tells the app by back-channel which session ended', async () => {
    const received: { path: string | undefined; body: string }[] = [];
    const app = await listenOnLoopback(0);
    app.serve(async (request, response) => {
      received.push({ path: request.url, body: await text(request) });
      response.end();
    });
    try {
      await demo.stop();
      await startFor(`http://localhost:${app.port}`);
      const jar = new CookieJar();
      const tokens = await signIn(ALICE, { jar });
      await endSession(tokens, jar);
      expect(received.map(({ path }) => path)).toEqual(['/api/backchannel-logout']);
      const token = new URLSearchParams(received[0]?.body).get('logout_token') ?? '';
      const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${demo.issuer}/jwks`)), {
        issuer: demo.issuer,
        audience: demo.clientId,
        typ: 'logout+jwt',
      });
      expect(payload).toMatchObject({
        sub: 'alice',
        sid: tokens.claims()?.['sid'],
        events: expect.any(Object),
      });
    } finally {
      await app.close();
    }
  });

  test('end-session goes straight back when the provider has no session either', async () => {
    const tokens = await signIn(ALICE);
    expect(await endSession(tokens, new CookieJar())).toEqual({
      status: 303,
      location: `${appOrigin}/login?state=s1`,
    });
  });

  test('end-session without proof asks, and an address of another site is refused', async () => {
    const jar = new CookieJar();
    const tokens = await signIn(ALICE, { jar });
    const bare = new URL(`${demo.issuer}/session/end`);
    const asked = await fetch(bare, { headers: { cookie: jar.headerFor(bare) }, redirect: 'manual' });
    expect([asked.status, await asked.text()]).toEqual([
      200,
      expect.stringContaining('Do you want to sign out?'),
    ]);
    expect(await endSession(tokens, jar, 'https://elsewhere.example/login')).toEqual({
      status: 400,
      location: null,
    });
  });
});

describe('the notes API', () => {
  test('each user reads, in pages, notes of their own only', async () => {
    const [alice, bob] = await Promise.all([signIn(ALICE), signIn(BOB)]);
    const [hers, his] = await Promise.all([allNotes(alice), allNotes(bob)]);
    expect([hers.length, his.length]).toEqual([30, 30]);
    expect(hers.every(({ title, body }) => /^Garden: /.test(title) && /Alice/.test(body))).toBe(true);
    expect(his.every(({ title, body }) => /^Workshop: /.test(title) && /Bob/.test(body))).toBe(true);
    expect(new Set([...hers, ...his].flatMap(({ id, title }) => [id, title])).size).toBe(120);
    const ages = hers.map(({ updatedAt }) => Date.parse(updatedAt));
    expect(ages).toEqual([...ages].sort((a, b) => b - a));
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await api(`/notes/${his[0]?.id}`, alice, { method })).status).toBe(404);
    }
  });

  test('a note can be written, read, changed and removed', async () => {
    const alice = await signIn(ALICE);
    const created = await api('/notes', alice, json('POST', { title: ' Plums ', body: 'ripe' }));
    const note = await created.json();
    expect([created.status, note]).toEqual([
      201,
      { id: expect.any(String), title: 'Plums', body: 'ripe', updatedAt: expect.any(String) },
    ]);
    expect((await (await api('/notes?limit=1', alice)).json()).items).toEqual([note]);
    const changed = await api(`/notes/${note.id}`, alice, json('PATCH', { body: 'eaten' }));
    expect(await changed.json()).toMatchObject({ title: 'Plums', body: 'eaten' });
    expect((await api(`/notes/${note.id}`, alice, { method: 'DELETE' })).status).toBe(204);
    expect((await api(`/notes/${note.id}`, alice)).status).toBe(404);
  });

  test('a cursor stays right while notes come and go', async () => {
    const alice = await signIn(ALICE);
    const first = await (await api('/notes?limit=5', alice)).json();
    await api('/notes', alice, json('POST', { title: 'Newer' }));
    await api(`/notes/${first.items[4].id}`, alice, { method: 'DELETE' });
    const second = await (await api(`/notes?limit=5&cursor=${first.nextCursor}`, alice)).json();
    const titles = [...first.items, ...second.items].map(({ title }: { title: string }) => title);
    expect(new Set(titles).size).toBe(10);
    expect(titles).not.toContain('Newer');
  });

  test('wrong input is named field by field', async () => {
    const alice = await signIn(ALICE);
    const empty = await api('/notes', alice, json('POST', { title: '', body: 'x'.repeat(10_001) }));
    expect([empty.status, await empty.json()]).toEqual([
      422,
      { message: expect.any(String), errors: { title: [expect.any(String)], body: [expect.any(String)] } },
    ]);
    expect((await api('/notes', alice, json('POST', { title: 'x'.repeat(201) }))).status).toBe(422);
    expect((await api('/notes', alice, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await api('/notes', alice, json('POST', { title: 'x', body: 'x'.repeat(200_000) }))).status).toBe(
      413,
    );
    for (const query of ['cursor=x', 'limit=0', 'limit=101', 'limit=', 'limit=1.5']) {
      expect((await api(`/notes?${query}`, alice)).status, query).toBe(400);
    }
    expect((await api('/nothing', alice)).status).toBe(404);
    expect((await api('/notes', alice, { method: 'PUT' })).status).toBe(405);
  });

  test('without a genuine access token only the public message is answered', async () => {
    const alice = await signIn(ALICE);
    const [header, payload, signature = ''] = alice.access_token.split('.');
    const forged = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const token of [forged, alice.id_token, alice.refresh_token, 'x']) {
      const refused = await api('/notes', { access_token: token ?? '' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(await refused.json()).toEqual({ message: expect.any(String) });
    }
    expect((await fetch(`${demo.apiUrl}/me`)).status).toBe(401);
    expect(await (await api('/public/motd', { access_token: forged })).json()).toEqual({
      message: expect.any(String),
    });
  });

  test('an access token without the notes scope is refused', async () => {
    const tokens = await signIn(ALICE, { scope: 'openid' });
    expect((await api('/notes', tokens)).status).toBe(401);
  });

  test('the api knob answers as html, json or nothing, and leaves the control panel alone', async () => {
    const alice = await signIn(ALICE);
    await control('knobs', { api: { status: 500, body: 'html' } });
    const html = await api('/notes', alice);
    expect([html.status, html.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    await control('knobs', { api: { status: 403, message: 'Unauthenticated.' } });
    const message = await api('/notes', alice);
    expect([message.status, await message.json()]).toEqual([403, { message: 'Unauthenticated.' }]);
    await control('knobs', { api: { status: 401, body: 'empty' } });
    const empty = await api('/notes', alice);
    expect([empty.status, await empty.text()]).toEqual([401, '']);
    await control('knobs', { api: { delayMs: 20 } });
    expect((await api('/notes', alice)).status).toBe(200);
    expect(await counters()).toMatchObject({ apiRequests: 4, apiAborts: 0 });
  });

  test('a caller that leaves a slow answer is counted', async () => {
    const alice = await signIn(ALICE);
    await control('knobs', { api: { delayMs: 60_000 } });
    await leaveDuring((signal) => api('/notes', alice, { signal }), 'apiRequests');
    await expect.poll(async () => (await counters())['apiAborts']).toBe(1);
  });
});

describe('the control panel', () => {
  test('a knob that is not named keeps its position, and {} resets all', async () => {
    await control('knobs', { accessTokenTtl: 9 });
    expect(await control('knobs', { rotate: false })).toMatchObject({ accessTokenTtl: 9, rotate: false });
    expect(await control('knobs', {})).toEqual({ api: {}, token: {}, accessTokenTtl: 300, rotate: true });
  });

  test('wrong input is refused with a reason and turns nothing', async () => {
    const wrong: [string, unknown, string][] = [
      ['knobs', { acessTokenTtl: 9 }, 'acessTokenTtl'],
      ['knobs', { api: { status: 'x' } }, 'api.status'],
      ['expire', { user: 'carol' }, 'use alice or bob'],
      ['revoke', {}, 'user'],
    ];
    for (const [command, input, reason] of wrong) {
      const answer = await fetch(`${demo.origin}/__demo/${command}`, json('POST', input));
      expect([answer.status, (await answer.json()).message]).toEqual([400, expect.stringContaining(reason)]);
    }
    expect((await fetch(`${demo.origin}/__demo/knobs`, { method: 'POST', body: '{' })).status).toBe(400);
  });

  test('reset sets the counters to zero', async () => {
    await signIn(ALICE);
    await control('reset', {});
    expect(new Set(Object.values(await counters()))).toEqual(new Set([0]));
  });

  test('its page lists the commands', async () => {
    const answer = await fetch(`${demo.origin}/`);
    expect(await answer.text()).toContain('POST /__demo/knobs');
  });
});

type Tokens = Pick<oidc.TokenEndpointResponse, 'access_token' | 'refresh_token' | 'id_token'>;

async function startFor(origin: string): Promise<void> {
  appOrigin = origin;
  demo = await startDemoServices({ port: 0, appOrigin });
  const { issuer, clientId, clientSecret } = demo;
  const authentication = oidc.ClientSecretBasic(clientSecret);
  client = await oidc.discovery(new URL(issuer), clientId, undefined, authentication, {
    execute: [oidc.allowInsecureRequests],
  });
}

interface SignInOptions {
  jar?: CookieJar;
  prompt?: string;
  scope?: string;
}

async function signIn(credentials: typeof ALICE, { jar, prompt, scope }: SignInOptions = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const url = await authorizationUrl(pkceCodeVerifier, {
    ...(prompt && { prompt }),
    ...(scope && { scope }),
  });
  const callback = await signInAtProvider(url, credentials, jar);
  return oidc.authorizationCodeGrant(client, callback, { pkceCodeVerifier, expectedState: 'state' });
}

async function authorizationUrl(verifier: string, parameters: Record<string, string> = {}): Promise<URL> {
  return oidc.buildAuthorizationUrl(client, {
    redirect_uri: `${appOrigin}/api/auth/callback/oidc`,
    scope: 'openid profile email offline_access notes',
    state: 'state',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
}

async function openForm(): Promise<{ formUrl: URL; jar: CookieJar }> {
  const jar = new CookieJar();
  const answer = await fetch(await authorizationUrl(oidc.randomPKCECodeVerifier()), { redirect: 'manual' });
  jar.remember(answer);
  return { formUrl: new URL(answer.headers.get('location') ?? '', demo.issuer), jar };
}

function refresh({ refresh_token: token = '' }: Tokens) {
  return oidc.refreshTokenGrant(client, token);
}

function requestRefresh({ refresh_token: token = '' }: Tokens, signal: AbortSignal): Promise<Response> {
  const credentials = Buffer.from(`${demo.clientId}:${demo.clientSecret}`).toString('base64');
  return fetch(`${demo.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
    signal,
  });
}

async function endSession({ id_token: hint = '' }: Tokens, jar: CookieJar, returnTo = `${appOrigin}/login`) {
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: returnTo, state: 's1' };
  const url = oidc.buildEndSessionUrl(client, parameters);
  const answer = await fetch(url, { headers: { cookie: jar.headerFor(url) }, redirect: 'manual' });
  jar.remember(answer);
  return { status: answer.status, location: answer.headers.get('location') };
}

async function allNotes(tokens: Tokens) {
  const notes: { id: string; title: string; body: string; updatedAt: string }[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await (await api(`/notes?limit=7${cursor && `&cursor=${cursor}`}`, tokens)).json();
    notes.push(...page.items);
    cursor = page.nextCursor;
  }
  return notes;
}

async function leaveDuring(
  request: (signal: AbortSignal) => Promise<Response>,
  counter: string,
): Promise<void> {
  const before = (await counters())[counter] ?? 0;
  const browser = new AbortController();
  const answer = request(browser.signal);
  const left = expect(answer).rejects.toThrow('abort');
  await expect.poll(async () => (await counters())[counter]).toBe(before + 1);
  browser.abort();
  await left;
}

function api(path: string, tokens: Tokens, init: RequestInit = {}): Promise<Response> {
  return fetch(`${demo.apiUrl}${path}`, { ...init, ...bearer(tokens) });
}

function bearer({ access_token: token }: Tokens): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

function json(method: string, body: unknown): RequestInit {
  return { method, body: JSON.stringify(body) };
}

async function control(command: string, input: unknown): Promise<unknown> {
  const answer = await fetch(`${demo.origin}/__demo/${command}`, json('POST', input));
  expect(answer.status).toBe(200);
  return answer.json();
}

async function counters(): Promise<Record<string, number>> {
  return (await fetch(`${demo.origin}/__demo/counters`)).json();
}
