import type { RunningApp } from '../support/app';
import {
  cookieAttributes,
  cookieIn,
  isSessionLive,
  plainRequest,
  signInOverHttp,
} from '../support/plain-http';
import { rowOf, sessionRows } from '../support/session-rows';
import { expect, signIn, test } from './fixtures';

const UNKNOWN = `v1.${'A'.repeat(43)}`;

/** What a request with this Cookie header gets from each of the ways in. */
async function waysIn(app: RunningApp, cookie: string) {
  const get = (path: string) => plainRequest(app.origin + path, { headers: { cookie } });
  const [current, list, session, notes, home, login, logout] = await Promise.all([
    get('/api/trpc/session.current'),
    get('/api/trpc/notes.list?input=%7B%7D'),
    get('/api/auth/session'),
    get('/notes'),
    get('/'),
    get('/login'),
    get('/logout'),
  ]);
  return { current, list, session, notes, home, login, logout };
}

async function expectAnonymous(app: RunningApp, cookie: string, what: string): Promise<void> {
  const { current, list, session, notes, home, login, logout } = await waysIn(app, cookie);
  expect([current.status, JSON.parse(current.body).result.data], what).toEqual([200, null]);
  expect([list.status, JSON.parse(list.body).error.data.code], what).toEqual([401, 'UNAUTHORIZED']);
  expect([session.status, session.body], what).toEqual([200, 'null']);
  expect(notes.status, what).toBe(307);
  expect(notes.location, what).toMatch(/^(?:\/logout|\/login)\?callbackUrl=%2Fnotes$/);
  expect([home.status, home.body.includes('Signed in as')], what).toEqual([200, false]);
  expect([200, 307], what).toContain(login.status);
  expect([logout.status, cookieIn(logout.cookies, 'bff-session')], what).toEqual([303, '']);
}

test('S2 a tampered, truncated, swapped or oversized cookie is anonymous, and never a 500', async ({
  app,
}) => {
  const alice = await signInOverHttp(app, 'alice');
  const bob = await signInOverHttp(app, 'bob');
  const flipped = alice[20] === 'x' ? 'y' : 'x';
  const cookies: Record<string, string> = {
    'one character changed': `${alice.slice(0, 20)}${flipped}${alice.slice(21)}`,
    truncated: alice.slice(0, -1),
    'truncated to its version': 'v1.',
    empty: '',
    longer: `${alice}A`,
    'two users’ halves': alice.slice(0, 24) + bob.slice(24),
    'another version': alice.replace('v1.', 'v2.'),
    'without version': alice.slice(3),
    'in capitals': alice.toUpperCase(),
    quoted: `"${alice}"`,
    encoded: encodeURIComponent(`${alice} `),
    'a record’s key': rowOf(app, alice).key,
    'the key as a session token': `v1.${rowOf(app, alice).key}`,
    'both users’': `${alice},${bob}`,
    'a JSON web token': `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
    'a prototype’s name': '__proto__',
    'a NUL, encoded': 'v1.%00',
    'broken encoding': '%E0%A4%A',
    'letters beyond ASCII': '\u00e4\u00ff',
    'eight kilobytes': 'v1.'.padEnd(8_000, 'A'),
    unknown: UNKNOWN,
  };
  for (const [what, value] of Object.entries(cookies))
    await expectAnonymous(app, `bff-session=${value}`, what);
  await expectAnonymous(app, `BFF-SESSION=${alice}`, 'another name’s capitals');
  await expectAnonymous(app, 'bff-session', 'no value');
  expect(await isSessionLive(app, alice)).toBe(true);
  expect(await isSessionLive(app, bob)).toBe(true);
});

test('S2 a header beyond the server’s limit is 431, and the next request is served', async ({ app }) => {
  for (const path of ['/', '/api/trpc/session.current', '/logout', '/api/auth/session']) {
    const answer = await plainRequest(app.origin + path, {
      headers: { cookie: `bff-session=${'A'.repeat(40_000)}` },
    });
    expect(answer.status).toBe(431);
  }
  expect((await plainRequest(`${app.origin}/api/health`)).status).toBe(200);
});

test('S2 a stale copy beside the valid cookie locks no user out, in either order', async ({ app }) => {
  const ended = await signInOverHttp(app);
  await plainRequest(`${app.origin}/logout`, {
    method: 'POST',
    headers: { cookie: `bff-session=${ended}`, origin: app.origin },
  });
  const good = await signInOverHttp(app);
  for (const stale of [ended, UNKNOWN, 'garbage', '']) {
    for (const [first, second] of [
      [stale, good],
      [good, stale],
    ]) {
      const { current, list, session, notes, login, logout } = await waysIn(
        app,
        `bff-session=${first}; theme=dark; bff-session=${second}`,
      );
      expect(JSON.parse(current.body).result.data.user.id).toBe('alice');
      expect(list.status).toBe(200);
      expect(JSON.parse(session.body).user.id).toBe('alice');
      expect(cookieIn(session.cookies, 'bff-session')).toBe(good);
      expect(notes.status).toBe(200);
      expect([login.status, login.location]).toEqual([307, '/']);
      expect([logout.status, logout.location, logout.cookies]).toEqual([303, '/', []]);
    }
  }
});

test('S2 a browser with a stale copy on another path stays signed in', async ({ page, context, app }) => {
  await signIn(page, 'alice');
  const { hostname } = new URL(app.origin);
  await context.addCookies([
    { name: 'bff-session', value: UNKNOWN, domain: hostname, path: '/notes' },
    { name: 'bff-session', value: 'garbage', domain: hostname, path: '/api' },
  ]);
  await page.goto('/notes');
  await expect(page.getByTestId('user')).toHaveText('Alice Archer');
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(page.locator('.notes > li')).not.toHaveCount(10);
  expect(new URL(page.url()).pathname).toBe('/notes');
});

test('S3 a session token planted before the sign-in is useless after it', async ({ page, context, app }) => {
  const planted = await signInOverHttp(app, 'bob');
  await page.goto('/login?callbackUrl=/notes');
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await expect(page.getByLabel('Login')).toBeVisible();
  await context.addCookies([{ name: 'bff-session', value: planted, url: app.origin }]);
  await page.getByLabel('Login').fill('alice');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/notes');

  const sessionTokens = (await context.cookies()).filter(({ name }) => name === 'bff-session');
  expect(sessionTokens).toHaveLength(1);
  const [{ value: own = '' } = {}] = sessionTokens;
  expect(own).not.toBe(planted);
  expect(rowOf(app, own)).toMatchObject({ subject: 'alice', ended_at: null });
  expect(rowOf(app, planted)).toMatchObject({ subject: 'bob', end_reason: 'replaced', sealed_tokens: '' });
  expect(await isSessionLive(app, planted)).toBe(false);
});

test('S3 a made-up session token is neither adopted nor stored', async ({ page, context, app }) => {
  await context.addCookies([{ name: 'bff-session', value: UNKNOWN, url: app.origin }]);
  await signIn(page, 'alice');
  const own = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
  expect(own).toMatch(/^v1\.[\w-]{43}$/);
  expect(own).not.toBe(UNKNOWN);
  expect(() => rowOf(app, UNKNOWN)).toThrow('no such session');
  expect(rowOf(app, own).ended_at).toBeNull();
});

test('S3 every sign-in makes a new session token', async ({ app }) => {
  const before = sessionRows(app).length;
  const sessionTokens = [
    await signInOverHttp(app),
    await signInOverHttp(app),
    await signInOverHttp(app, 'bob'),
  ];
  expect(new Set(sessionTokens).size).toBe(3);
  expect(sessionRows(app)).toHaveLength(before + 3);
});

test('S10 scripts, requests of other sites and other hosts cannot use the session cookie', async ({
  app,
}) => {
  const sessionToken = await signInOverHttp(app);
  const answer = await plainRequest(`${app.origin}/api/auth/session`, {
    headers: { cookie: `bff-session=${sessionToken}` },
  });
  const line = answer.cookies.find((cookie) => cookie.startsWith('bff-session=')) ?? '';
  expect(Object.keys(cookieAttributes(line)).sort()).toEqual(['expires', 'httponly', 'path', 'samesite']);
  expect(cookieAttributes(line)).toMatchObject({ path: '/', samesite: 'Lax' });
  expect(cookieIn([line], 'bff-session')).toBe(sessionToken);
});
