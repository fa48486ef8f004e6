import { beforeEach, describe, expect, test } from 'vitest';
import { signOut, visitLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { recordKeyOf, sessionTokensIn } from '../../packages/next-trpc-bff/src/session/secrets';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream();
const visit = (headers: HeadersInit, search = '') =>
  visitLogout(new Request(`${APP_ORIGIN}/logout${search}`, { headers }));
const submit = (headers: HeadersInit) =>
  signOut(new Request(`${APP_ORIGIN}/logout`, { method: 'POST', headers }));
const statusOf = async (headers: Headers) => (await sessionState(headers)).status;
const database = () => openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '');
const cleared = 'bff-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0';
const also = (headers: Headers, more: Record<string, string>) => ({
  ...Object.fromEntries(headers),
  ...more,
});

/** What a browser sends with a document, and what is left of it when a service worker fetches that. */
const DOCUMENTS = [
  { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'cross-site' },
];

beforeEach(() => upstream.control('knobs'));

describe('L0 a GET that is no document navigation has no effect', () => {
  const others: Record<string, string>[] = [
    { 'sec-fetch-dest': 'image' },
    { 'sec-fetch-dest': 'iframe' },
    { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' },
    { 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate', 'sec-purpose': 'prefetch' },
    { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate', rsc: '1' },
    { rsc: '1' },
    { 'next-router-prefetch': '1' },
    { 'sec-purpose': 'prefetch' },
    { 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch;prerender' },
    { purpose: 'prefetch' },
    { 'sec-fetch-dest': 'document', rsc: '1' },
  ];
  test.each(others)('%j', async (more) => {
    const alice = await signIn(upstream, 'alice');
    const dead = browserHeaders('bff-session=garbage');
    for (const headers of [alice, dead]) {
      const response = await visit(also(headers, more));
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect(await statusOf(alice)).toBe('live');
  });

  test('a request with the router’s _rsc parameter has none either', async () => {
    expect((await visit({}, '?_rsc=abc')).status).toBe(200);
  });
});

test('L1 GET while live redirects back, sets no cookie and ends nothing', async () => {
  const alice = await signIn(upstream, 'alice');
  for (const [search, target] of [
    ['?callbackUrl=/notes%3Fa=1', '/notes?a=1'],
    ['', '/'],
    ['?callbackUrl=//evil.example', '/'],
  ] as const) {
    for (const document of DOCUMENTS) {
      const response = await visit(also(alice, document), search);
      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toBe(target);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
  }
  expect(await statusOf(alice)).toBe('live');
});

describe('L3 GET while dead clears the cookie and redirects to /login', () => {
  test('each time, and the legacy cookies of the request too', async () => {
    const headers = browserHeaders('bff-session=garbage; authjs.session-token=x');
    for (const document of [{}, ...DOCUMENTS]) {
      const response = await visit(also(headers, document), '?callbackUrl=/notes');
      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toBe('/login?reason=expired&callbackUrl=%2Fnotes');
      expect(response.headers.getSetCookie()).toEqual([
        cleared,
        'authjs.session-token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
      ]);
    }
  });

  test('anonymous too', async () => {
    const response = await visit({}, '?callbackUrl=/notes');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/login?callbackUrl=%2Fnotes');
  });
});

test('L3 without a cookie the reason parameter is kept, so that /login and /logout do not loop', async () => {
  const response = await visit({}, '?callbackUrl=/notes&reason=expired');
  expect(response.headers.get('location')).toBe('/login?reason=expired&callbackUrl=%2Fnotes');
});

test('L4 GET and POST while the store is down are 503, keep the cookie, and the user is live when it returns', async () => {
  const alice = await signIn(upstream, 'alice');
  database().exec('ALTER TABLE sessions RENAME TO gone');
  for (const response of [await visit(alice), await submit(alice)]) {
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.text()).toContain('still signed in');
  }
  database().exec('ALTER TABLE gone RENAME TO sessions');
  expect(await statusOf(alice)).toBe('live');
});

test('L5 an end that cannot be written is 503, never a claim of sign-out', async () => {
  const alice = await signIn(upstream, 'alice');
  database().exec(
    `CREATE TRIGGER no_end BEFORE UPDATE OF ended_at ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  const response = await submit(alice);
  database().exec('DROP TRIGGER no_end');
  expect(response.status).toBe(503);
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(await statusOf(alice)).toBe('live');
});

describe('L5 POST from our own page signs out', () => {
  test('in the store, in the browser and at the provider', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('reset');
    const response = await submit(alice);
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()).toEqual([cleared]);
    const location = new URL(response.headers.get('location') ?? '');
    expect(location.origin).toBe(upstream.demo.issuer);
    expect(location.searchParams.get('post_logout_redirect_uri')).toBe(`${APP_ORIGIN}/login`);
    expect(await sessionState(alice)).toMatchObject({
      status: 'dead',
      reason: 'ended',
      endReason: 'signed-out',
    });
    expect(await upstream.counters()).toMatchObject({ revocations: 1 });
  });

  test('ends both of two live sessions in one browser', async () => {
    const [one, two] = [await signIn(upstream, 'alice'), await signIn(upstream, 'alice')];
    const both = browserHeaders(`${one.get('cookie')}; ${two.get('cookie')}`);
    expect((await submit(both)).status).toBe(303);
    expect([await statusOf(one), await statusOf(two)]).toEqual(['dead', 'dead']);
  });

  test('clears the cookie of a dead session', async () => {
    const response = await submit(browserHeaders('bff-session=garbage'));
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/login');
    expect(response.headers.getSetCookie()).toEqual([cleared]);
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { 'sec-fetch-site': 'same-site' }],
    ['a typed address', { 'sec-fetch-site': 'none' }],
    ['an opaque origin', { origin: 'null' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin at all', {}],
  ])('%s is refused, and the user still live', async (_, headers) => {
    const alice = await signIn(upstream, 'alice');
    const response = await submit({ cookie: alice.get('cookie') ?? '', ...headers });
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await statusOf(alice)).toBe('live');
  });

  test('accepts the Origin of an older browser', async () => {
    const alice = await signIn(upstream, 'alice');
    expect((await submit({ cookie: alice.get('cookie') ?? '', origin: APP_ORIGIN })).status).toBe(303);
    expect(await statusOf(alice)).toBe('dead');
  });
});

test('L7 a copied cookie is dead after the sign-out', async () => {
  const alice = await signIn(upstream, 'alice');
  const copy = browserHeaders(alice.get('cookie') ?? '');
  await submit(alice);
  expect(await statusOf(copy)).toBe('dead');
});

test('S6 the store holds neither the session token nor a provider’s token in the clear', async () => {
  const alice = await signIn(upstream, 'alice');
  const state = await sessionState(alice);
  if (state.status !== 'live') throw new Error('not live');
  const [handle = ''] = sessionTokensIn(alice);
  const row = JSON.stringify(
    database().prepare('SELECT * FROM sessions WHERE key = ?').get(recordKeyOf(handle)),
  );
  expect(row).toContain(recordKeyOf(handle));
  const { accessToken, refreshToken, idToken } = state.session.tokens;
  for (const secret of [handle, handle.slice(3), accessToken, refreshToken ?? 'none', idToken ?? 'none'])
    expect(row).not.toContain(secret);
});
