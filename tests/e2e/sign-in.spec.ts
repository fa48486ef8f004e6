import type { RunningApp } from '../support/app';
import { beginSignIn, isSessionLive, plainRequest, signInOverHttp } from '../support/plain-http';
import { CookieJar, signInAtProvider } from '../support/provider-login';
import { sessionRows } from '../support/session-rows';
import { expect, test } from './fixtures';

const ALICE = { login: 'alice', password: 'demo' };

/** Stands where the provider has just sent the browser back, with the cookies it has. */
async function atCallback(app: RunningApp, jar = new CookieJar()) {
  const { authorizationUrl } = await beginSignIn(app, jar);
  const callback = await signInAtProvider(authorizationUrl, ALICE, jar);
  return { callback, cookie: jar.headerFor(callback), jar };
}

/** Replaces the value of one cookie in a header. */
const withCookie = (header: string, name: string, change: (value: string) => string) =>
  header
    .split('; ')
    .map((pair) => (pair.startsWith(`${name}=`) ? `${name}=${change(pair.slice(name.length + 1))}` : pair))
    .join('; ');

const valueIn = (header: string, name: string) => new RegExp(`${name}=([^;]*)`).exec(header)?.[1] ?? '';

async function expectRefusal(
  app: RunningApp,
  url: string,
  cookie: string,
  reason = 'failed',
  message = 'The sign-in could not be completed. Please try again.',
): Promise<void> {
  const before = sessionRows(app).length;
  const answer = await plainRequest(url, { headers: { cookie } });
  expect([answer.status, answer.location]).toEqual([303, `/login?reason=${reason}&callbackUrl=%2Fnotes`]);
  expect(answer.cookies.filter((line) => line.startsWith('bff-session='))).toEqual([]);
  expect(sessionRows(app)).toHaveLength(before);
  const login = await plainRequest(app.origin + answer.location, { headers: { cookie } });
  expect(login.status).toBe(200);
  expect(login.body).toContain(message);
}

const CHANGES: [what: string, change: (url: URL) => void][] = [
  ['a wrong state', (url) => url.searchParams.set('state', 'wrong')],
  ['no state', (url) => url.searchParams.delete('state')],
  ['an empty state', (url) => url.searchParams.set('state', '')],
  ['two states', (url) => url.searchParams.append('state', 'second')],
  ['no code', (url) => url.searchParams.delete('code')],
  ['a wrong code', (url) => url.searchParams.set('code', 'wrong')],
  ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.example')],
  [
    'nothing at all',
    (url) => {
      url.search = '';
    },
  ],
];

for (const [what, change] of CHANGES) {
  test(`S11 a callback with ${what} ends at /login with a message`, async ({ app }) => {
    const { callback, cookie } = await atCallback(app);
    change(callback);
    await expectRefusal(app, callback.href, cookie);
  });
}

for (const name of ['bff-state', 'bff-pkce', 'bff-nonce']) {
  test(`S11 a callback whose ${name} cookie is tampered with, gone or nonsense ends at /login`, async ({
    app,
  }) => {
    for (const change of [
      (value: string) => `${value.slice(0, -20)}AAAA${value.slice(-16)}`,
      (value: string) => value.slice(0, 40),
      () => 'nonsense%E0',
      () => '',
    ]) {
      const { callback, cookie } = await atCallback(app);
      await expectRefusal(app, callback.href, withCookie(cookie, name, change));
    }
  });
}

for (const name of ['bff-pkce', 'bff-nonce']) {
  test(`S11 a callback with the ${name} cookie of another sign-in ends at /login`, async ({ app }) => {
    const other = await atCallback(app);
    const { callback, cookie } = await atCallback(app);
    await expectRefusal(
      app,
      callback.href,
      withCookie(cookie, name, () => valueIn(other.cookie, name)),
    );
  });
}

test('S13 a token endpoint that is silent ends the callback at /login with a message', async ({ app }) => {
  const { callback, cookie } = await atCallback(app);
  await app.control('knobs', { token: { delayMs: 600_000 } });
  await expectRefusal(app, callback.href, cookie);
  expect(app.output()).toContain('"code":"IDENTITY_PROVIDER_FAILED"');
});

test('S11 a callback in a browser that began no sign-in creates no session and shows a message', async ({
  app,
}) => {
  const { callback } = await atCallback(app);
  const before = sessionRows(app).length;
  const answer = await plainRequest(callback.href);
  expect([answer.status, answer.location, answer.cookies]).toEqual([303, '/login?reason=failed', []]);
  expect(sessionRows(app)).toHaveLength(before);
});

test('S11 another user’s callback in a browser with a sign-in in progress restarts the browser’s own sign-in, three times at most', async ({
  app,
}) => {
  const attacker = await atCallback(app);
  const { jar } = await beginSignIn(app);
  const before = sessionRows(app).length;
  for (let restart = 1; restart <= 3; restart += 1) {
    const answer = await fetch(attacker.callback, {
      redirect: 'manual',
      headers: { cookie: jar.headerFor(attacker.callback) },
    });
    jar.remember(answer);
    expect(new URL(answer.headers.get('location') ?? '').origin).toBe(app.demo.issuer);
  }
  await expectRefusal(app, attacker.callback.href, jar.headerFor(attacker.callback));
  expect(sessionRows(app)).toHaveLength(before);
});

test('S11 a replayed callback creates no second session, live or signed out', async ({ app }) => {
  const jar = new CookieJar();
  const { callback, cookie } = await atCallback(app, jar);
  const first = await fetch(callback, { redirect: 'manual', headers: { cookie } });
  jar.remember(first);
  const sessionToken = valueIn(jar.headerFor(callback), 'bff-session');
  expect(await isSessionLive(app, sessionToken)).toBe(true);

  const rows = sessionRows(app).length;
  const live = await plainRequest(callback.href, {
    headers: { cookie: `${cookie}; bff-session=${sessionToken}` },
  });
  expect([live.status, live.location]).toEqual([303, '/notes']);
  const afterwards = await plainRequest(callback.href, { headers: { cookie: jar.headerFor(callback) } });
  expect(afterwards.status).toBe(303);
  expect(sessionRows(app)).toHaveLength(rows);
  expect(await isSessionLive(app, sessionToken)).toBe(true);

  await plainRequest(`${app.origin}/logout`, {
    method: 'POST',
    headers: { cookie: `bff-session=${sessionToken}`, origin: app.origin },
  });
  await expectRefusal(app, callback.href, cookie);
});

for (const [error, reason, message] of [
  ['server_error', 'unreachable', 'The sign-in service does not answer right now.'],
  ['temporarily_unavailable', 'unreachable', 'The sign-in service does not answer right now.'],
  ['no_such_error', 'failed', 'The sign-in could not be completed.'],
  ['<b>\u0000\r\n', 'failed', 'The sign-in could not be completed.'],
] as const) {
  test(`S11 a provider that answers with the error ${JSON.stringify(error)} ends at /login with a message`, async ({
    app,
  }) => {
    const { callback, cookie } = await atCallback(app);
    callback.searchParams.delete('code');
    callback.searchParams.set('error', error);
    await expectRefusal(app, callback.href, cookie, reason, message);
  });
}

test('S11 Auth.js’s own address of the sign-in page keeps the way back', async ({ app }) => {
  for (const [search, location] of [
    ['?callbackUrl=%2Fnotes', '/login?callbackUrl=%2Fnotes'],
    [`?callbackUrl=${encodeURIComponent(`${app.origin}/notes`)}`, '/login?callbackUrl=%2Fnotes'],
    ['?callbackUrl=https%3A%2F%2Fevil.example%2F', '/login'],
    ['', '/login'],
  ]) {
    const answer = await plainRequest(`${app.origin}/api/auth/signin${search}`);
    expect([answer.status, answer.location]).toEqual([303, location]);
  }
});

test('S11 access_denied ends at /login with a message, and the next sign-in works', async ({ app }) => {
  const { callback, cookie, jar } = await atCallback(app);
  callback.searchParams.delete('code');
  callback.searchParams.set('error', 'access_denied');
  const message = 'The sign-in was cancelled. Nothing has changed.';
  await expectRefusal(app, callback.href, cookie, 'denied', message);
  expect(await isSessionLive(app, await signInOverHttp(app, 'alice', jar))).toBe(true);
});

test('S11 access_denied in a tab whose cookies another tab has overwritten does not restart the sign-in', async ({
  app,
}) => {
  const { callback, jar } = await atCallback(app);
  await beginSignIn(app, jar);
  callback.searchParams.delete('code');
  callback.searchParams.set('error', 'access_denied');
  const message = 'The sign-in was cancelled. Nothing has changed.';
  await expectRefusal(app, callback.href, jar.headerFor(callback), 'denied', message);
});
