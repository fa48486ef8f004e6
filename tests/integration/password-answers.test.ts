import type { IncomingHttpHeaders } from 'node:http';
import { json } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { logIn } from '../../packages/next-trpc-bff/src/auth/tokens/own-login';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { isDueForRenewal } from '../../packages/next-trpc-bff/src/auth/tokens/session-token';
import { sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import {
  type LiveSession,
  sessionStateOf,
  sessionStore,
} from '../../packages/next-trpc-bff/src/session/state';
import { configure } from '../support/environment';
import { serve } from '../support/http-server';
import { sampleRecord } from '../support/sample-record';

/** An API that says what a test wants: the demo's real one is never wrong. */
const api = {
  answer: {} as Record<string, unknown> | 'reset' | 'hang',
  requests: [] as { path: string; headers: IncomingHttpHeaders; body: unknown }[],
};
const origin = await serve(async (request, response) => {
  api.requests.push({ path: request.url ?? '', headers: request.headers, body: await json(request) });
  if (api.answer === 'hang') return;
  if (api.answer === 'reset') return void request.socket.resetAndDestroy();
  response.setHeader('content-type', 'application/json').end(JSON.stringify(api.answer));
});
configure({
  UPSTREAM_URL: `${origin}/v1`,
  UPSTREAM_LOGIN_PATH: '/login',
  UPSTREAM_REFRESH_PATH: '/refresh',
  UPSTREAM_LOGOUT_PATH: '/logout',
  UPSTREAM_TIMEOUT_MS: '300',
});

const old = {
  accessToken: 'old access',
  refreshToken: 'old refresh',
  idToken: null,
  expiresAt: 1,
  renewAt: 1,
};

async function startedSession(): Promise<LiveSession> {
  const record = sampleRecord({ issuer: `${origin}/v1`, subject: '7' });
  const session = { record: { ...record, sealedTokens: sealTokens(old, record.key) }, tokens: old };
  await sessionStore().create(session.record);
  return session;
}

beforeEach(() => {
  api.requests = [];
});

test('T17 an answer without envelope, expiry and refresh token, with a numeric id, is understood', async () => {
  api.answer = { access_token: 'a', user: { id: 7 } };
  expect(await logIn({ login: 'x', password: 'y' }, { 'x-forwarded-for': '203.0.113.9' })).toMatchObject({
    kind: 'granted',
    signIn: {
      subject: '7',
      profile: { name: null, email: null, picture: null },
      tokens: { accessToken: 'a', refreshToken: null, expiresAt: null, renewAt: null },
    },
  });
  expect(api.requests).toMatchObject([
    {
      path: '/v1/login',
      headers: { 'x-forwarded-for': '203.0.113.9' },
      body: { login: 'x', password: 'y' },
    },
  ]);
});

test.each([
  ['without expires_in', {}],
  ['whose expires_in is 0', { expires_in: 0 }],
])('T17, T7 a renewal %s causes no refresh storm', async (_, expiry) => {
  api.answer = { data: { access_token: 'new', ...expiry }, message: 'ok' };
  const renewal = await renewTokens(await startedSession());
  if (renewal.status !== 'renewed') throw new Error(renewal.status);
  expect(renewal.session.tokens).toMatchObject({ accessToken: 'new', refreshToken: 'old refresh' });
  expect(isDueForRenewal(renewal.session)).toBe(false);
});

describe('T17, T16 a renewal for another subject', () => {
  test('is refused, never saved, and revoked', async () => {
    const session = await startedSession();
    api.answer = { access_token: 'of bob', refresh_token: 'of bob', user: { id: 8 } };
    expect(await renewTokens(session)).toEqual({ status: 'rejected' });
    expect(await sessionStateOf(session.record.key)).toMatchObject({
      session: { tokens: { accessToken: 'old access' } },
    });
    await expect.poll(() => api.requests.map(({ path }) => path)).toEqual(['/v1/refresh', '/v1/logout']);
    expect(api.requests[1]?.body).toEqual({ refresh_token: 'of bob' });
  });

  test('while one for the same subject is taken', async () => {
    api.answer = { access_token: 'new', user: { id: 7 } };
    expect((await renewTokens(await startedSession())).status).toBe('renewed');
  });
});

describe('T17, T10 an invalid, missing or broken answer of the API ends no session', () => {
  test.each<[string, typeof api.answer]>([
    ['a wrong shape', { hello: 'world' }],
    ['a reset connection', 'reset'],
    ['no answer', 'hang'],
  ])('%s', async (_, answer) => {
    const session = await startedSession();
    api.answer = answer;
    expect((await logIn({ login: 'x', password: 'y' }, {})).kind).toBe('unavailable');
    expect((await renewTokens(session)).status).toBe('unavailable');
    expect((await sessionStateOf(session.record.key)).status).toBe('live');
    api.answer = { access_token: 'new' };
    expect((await renewTokens(session)).status).toBe('renewed');
  });
});
