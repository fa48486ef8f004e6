import type { RunningApp } from '../support/app';
import {
  cookieIn,
  isSessionLive,
  type PlainRequest,
  plainRequest,
  signInOverHttp,
} from '../support/plain-http';
import { CookieJar } from '../support/provider-login';
import { rowOf, sessionRows, whileStoreIsDown } from '../support/session-rows';
import { expect, signIn, test } from './fixtures';

const sessionOf = (app: RunningApp, sessionToken: string, options: PlainRequest = {}) =>
  plainRequest(`${app.origin}/api/auth/session`, {
    ...options,
    headers: { cookie: `bff-session=${sessionToken}`, ...options.headers },
  });

/** Posts as Auth.js's own client does, with its csrf token. */
async function postToAuth(app: RunningApp, path: string, sessionToken: string, data: object) {
  const csrf = await plainRequest(`${app.origin}/api/auth/csrf`);
  const token = cookieIn(csrf.cookies, 'bff-csrf-token');
  return plainRequest(`${app.origin}/api/auth/${path}`, {
    method: 'POST',
    headers: {
      cookie: `bff-session=${sessionToken}; bff-csrf-token=${token}`,
      'content-type': 'application/json',
      origin: app.origin,
    },
    body: JSON.stringify({ csrfToken: JSON.parse(csrf.body).csrfToken, ...data }),
  });
}

test('S3 session reads start no sessions, signed in or not', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  const before = sessionRows(app);
  const reads = Array.from({ length: 20 }, (_, index) =>
    sessionOf(app, [sessionToken, 'garbage', `v1.${'A'.repeat(43)}`, ''][index % 4] ?? ''),
  );
  const answers = await Promise.all(reads);
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(answers.filter(({ body }) => body !== 'null')).toHaveLength(5);
  expect(sessionRows(app)).toEqual(before);
  for (const { cookies } of answers)
    expect([sessionToken, '', null]).toContain(cookieIn(cookies, 'bff-session'));
});

test('L7 a session read after the sign-out does not revive the session', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  await plainRequest(`${app.origin}/logout`, {
    method: 'POST',
    headers: { cookie: `bff-session=${sessionToken}`, origin: app.origin },
  });
  const before = sessionRows(app);
  for (const method of ['GET', 'POST']) {
    const answer =
      method === 'GET'
        ? await sessionOf(app, sessionToken)
        : await postToAuth(app, 'session', sessionToken, {});
    expect([answer.status, answer.body]).toEqual([200, 'null']);
    expect(cookieIn(answer.cookies, 'bff-session') || null).toBeNull();
  }
  expect(sessionRows(app)).toEqual(before);
  expect(rowOf(app, sessionToken).end_reason).toBe('signed-out');
  expect(await isSessionLive(app, sessionToken)).toBe(false);
});

test('L8 session reads that race with the sign-out leave the user signed out', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  const rows = sessionRows(app).length;
  const reads = () => Array.from({ length: 10 }, () => sessionOf(app, sessionToken));
  await Promise.all([
    ...reads(),
    plainRequest(`${app.origin}/logout`, {
      method: 'POST',
      headers: { cookie: `bff-session=${sessionToken}`, origin: app.origin },
    }),
    ...reads(),
  ]);
  expect(sessionRows(app)).toHaveLength(rows);
  expect(rowOf(app, sessionToken)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
  expect(await isSessionLive(app, sessionToken)).toBe(false);
});

test('R2 while the store is down a session read or update answers 503 and keeps the cookie', async ({
  app,
}) => {
  const sessionToken = await signInOverHttp(app);
  await whileStoreIsDown(app, async () => {
    for (const answer of [
      await sessionOf(app, sessionToken),
      await postToAuth(app, 'session', sessionToken, {}),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.cookies).toEqual([]);
      expect(JSON.parse(answer.body)).toEqual({ message: 'Sessions cannot be read right now.' });
    }
    expect((await sessionOf(app, '')).status).toBe(200);
  });
  expect(JSON.parse((await sessionOf(app, sessionToken)).body).user.id).toBe('alice');
});

test('S2 stale chunks and cookies of similar names do not corrupt the session', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  const others = ['.0', '.1', '.9', '-old', 's', '.session-token', '0'].map(
    (suffix) => `bff-session${suffix}=stale`,
  );
  const cookie = [...others.slice(0, 4), `bff-session=${sessionToken}`, ...others.slice(4)].join('; ');
  for (const path of ['/api/auth/session', '/api/trpc/session.current', '/notes', '/logout']) {
    const answer = await plainRequest(app.origin + path, { headers: { cookie } });
    expect(answer.status).toBe(path === '/logout' ? 303 : 200);
    expect(cookieIn(answer.cookies, 'bff-session') ?? sessionToken).toBe(sessionToken);
    if (path !== '/logout') expect(answer.body).toContain('Alice Archer');
  }
  const alone = await plainRequest(`${app.origin}/api/auth/session`, {
    headers: { cookie: `bff-session.0=${sessionToken}` },
  });
  expect([alone.status, alone.body]).toEqual([200, 'null']);
});

test('S2 a malformed callback-url cookie of another application does not null the session', async ({
  app,
}) => {
  const sessionToken = await signInOverHttp(app);
  for (const name of [
    'authjs.callback-url',
    '__Secure-authjs.callback-url',
    'next-auth.callback-url',
    'bff-callback-url',
  ]) {
    for (const value of ['nonsense', '%E0%A4%A', 'javascript:alert(1)', '']) {
      const answer = await sessionOf(app, sessionToken, {
        headers: { cookie: `${name}=${value}; bff-session=${sessionToken}` },
      });
      expect([name, value, answer.status]).toEqual([name, value, 200]);
      expect(JSON.parse(answer.body).user.id).toBe('alice');
    }
  }
});

test('S2 client data posted to the session changes nothing', async ({ app }) => {
  const sessionToken = await signInOverHttp(app);
  const before = sessionRows(app);
  const whoBefore: unknown = JSON.parse((await sessionOf(app, sessionToken)).body).user;
  const mallory = { id: 'bob', sub: 'bob', name: 'Mallory', email: 'mallory@evil.example' };
  for (const data of [
    mallory,
    { user: mallory },
    { token: mallory, expiresAt: 9e15 },
    { accessToken: 'x' },
    'text',
    null,
  ]) {
    const answer = await postToAuth(app, 'session', sessionToken, { data });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).user).toEqual(whoBefore);
    expect(cookieIn(answer.cookies, 'bff-session')).toBe(sessionToken);
  }
  expect(sessionRows(app)).toEqual(before);
  expect(JSON.parse((await sessionOf(app, sessionToken)).body).user).toEqual(whoBefore);
});

test('L3 the sign-in clears the cookies of earlier set-ups', async ({ page, context, app }) => {
  const legacy = [
    'authjs.session-token',
    'next-auth.session-token',
    'next-auth.session-token.0',
    'access_token',
  ];
  await context.addCookies(['theme', ...legacy].map((name) => ({ name, value: 'old', url: app.origin })));
  await signIn(page, 'alice');
  const names = (await context.cookies()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['theme', 'bff-session']));
  expect(names.filter((name) => legacy.includes(name))).toEqual([]);
});

const ODD_HEADERS: NonNullable<PlainRequest['headers']>[] = [
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' },
  { 'x-forwarded-host': 'evil.example', 'x-forwarded-port': '443' },
  { 'x-forwarded-proto': 'nonsense' },
  { host: 'evil.example' },
  { host: '127.0.0.1' },
  { host: 'xn--' },
];

for (const headers of ODD_HEADERS) {
  test(`S2 ${JSON.stringify(headers)} changes no cookie’s name and logs no user out`, async ({ app }) => {
    const sessionToken = await signInOverHttp(app);
    const session = await sessionOf(app, sessionToken, { headers });
    expect([session.status, JSON.parse(session.body).user.id]).toEqual([200, 'alice']);
    expect(cookieIn(session.cookies, 'bff-session')).toBe(sessionToken);
    expect(session.cookies.filter((line) => !line.startsWith('bff-'))).toEqual([]);
    for (const path of ['/logout', '/notes', '/api/trpc/session.current']) {
      const answer = await plainRequest(app.origin + path, {
        headers: { cookie: `bff-session=${sessionToken}`, ...headers },
      });
      expect([path, answer.status, answer.cookies]).toEqual([path, path === '/logout' ? 303 : 200, []]);
      expect(answer.location ?? '/').toBe('/');
    }
    expect(await isSessionLive(app, sessionToken)).toBe(true);
  });
}

test('L5 POST /api/auth/signout ends the session in the store, for our own pages only', async ({ app }) => {
  const jar = new CookieJar();
  const sessionToken = await signInOverHttp(app, 'alice', jar);
  const post = (headers: NonNullable<PlainRequest['headers']>) =>
    plainRequest(`${app.origin}/api/auth/signout`, {
      method: 'POST',
      headers: { cookie: `bff-session=${sessionToken}`, ...headers },
    });
  for (const headers of [{}, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
    expect((await post(headers)).status).toBe(403);
    expect(await isSessionLive(app, sessionToken)).toBe(true);
  }
  const answer = await post({ origin: app.origin });
  expect([answer.status, cookieIn(answer.cookies, 'bff-session')]).toEqual([303, '']);
  expect(rowOf(app, sessionToken)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
  expect(await isSessionLive(app, sessionToken)).toBe(false);
});

test('L2 GET /api/auth/signout ends nothing', async ({ page, app }) => {
  await signIn(page, 'alice');
  await page.goto('/api/auth/signout');
  await page.waitForURL(`${app.origin}/`);
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
});
