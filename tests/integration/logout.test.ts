import { beforeEach, expect, test } from 'vitest';
import { signOut, visitLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
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

beforeEach(() => upstream.control('knobs'));

/** What a browser sends with a document, and what is left of it when a service worker fetches that. */
const DOCUMENT = {
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'cross-site',
};
const BY_SERVICE_WORKER = { ...DOCUMENT, 'sec-fetch-dest': 'empty' };
const LEGACY = 'authjs.session-token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0';

interface Row {
  readonly case: `L${0 | 1 | 2 | 3 | 5}`;
  readonly who: string;
  readonly method?: 'GET' | 'POST';
  /** Each is tried by itself. */
  readonly cookies: readonly ('live' | 'dead' | 'unknown' | 'ended' | 'none')[];
  readonly headers?: Record<string, string>;
  readonly search?: string;
  readonly status: 200 | 303 | 403;
  readonly location?: string;
  readonly clears?: readonly string[];
  /** Whether a live session is dead afterwards. */
  readonly ends?: true;
}

const noDocument = (who: string, headers: Record<string, string>, search = ''): Row => ({
  case: 'L0',
  who,
  cookies: ['live', 'dead', 'none'],
  headers,
  search,
  status: 200,
});
const refusedPost = (who: string, headers: Record<string, string>): Row => ({
  case: headers['sec-fetch-site'] ? 'L2' : 'L5',
  who: `a POST of ${who}`,
  method: 'POST',
  cookies: ['live'],
  headers,
  status: 403,
});

/** Everything that can come to /logout while the store is up, and what becomes of it. */
const TABLE: readonly Row[] = [
  noDocument('an image', { 'sec-fetch-dest': 'image' }),
  noDocument('a script', { 'sec-fetch-dest': 'script' }),
  noDocument('a frame', { 'sec-fetch-dest': 'iframe' }),
  noDocument('a navigating frame', { 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }),
  noDocument('a fetch', { 'sec-fetch-dest': 'empty' }),
  noDocument('a fetch of any other mode', { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }),
  noDocument('a service worker’s prefetch', { ...BY_SERVICE_WORKER, 'sec-purpose': 'prefetch' }),
  noDocument('a service worker’s router fetch', { ...BY_SERVICE_WORKER, rsc: '1' }),
  noDocument('a prefetch', { 'sec-purpose': 'prefetch' }),
  noDocument('a prerendered document', { ...DOCUMENT, 'sec-purpose': 'prefetch;prerender' }),
  noDocument('an old browser’s prefetch', { purpose: 'prefetch' }),
  noDocument('a router’s fetch', { rsc: '1' }),
  noDocument('a router’s fetch of a document', { ...DOCUMENT, rsc: '1' }),
  noDocument('a router’s prefetch', { 'next-router-prefetch': '1' }),
  noDocument('a router’s address', {}, '?callbackUrl=/notes&_rsc=1a2b3'),

  ...[{}, DOCUMENT, BY_SERVICE_WORKER].flatMap((headers): Row[] => [
    { case: 'L1', who: 'a visit', cookies: ['live'], headers, status: 303, location: '/' },
    {
      case: 'L1',
      who: 'a visit with a way back',
      cookies: ['live'],
      headers,
      search: '?callbackUrl=/notes%3Fa%3D1',
      status: 303,
      location: '/notes?a=1',
    },
    {
      case: 'L1',
      who: 'a visit with a way to another origin',
      cookies: ['live'],
      headers,
      search: '?callbackUrl=//evil.example',
      status: 303,
      location: '/',
    },
    {
      case: 'L3',
      who: 'a visit with a legacy cookie',
      cookies: ['dead'],
      headers: { ...headers, cookie: 'authjs.session-token=x; theme=x' },
      search: '?callbackUrl=/notes',
      status: 303,
      location: '/login?reason=expired&callbackUrl=%2Fnotes',
      clears: [cleared, LEGACY],
    },
    {
      case: 'L3',
      who: 'a visit',
      cookies: ['none'],
      headers,
      search: '?callbackUrl=/notes',
      status: 303,
      location: '/login?callbackUrl=%2Fnotes',
      clears: [cleared],
    },
  ]),
  {
    case: 'L3',
    who: 'a visit with a reason, so that /login and /logout do not loop',
    cookies: ['none'],
    search: '?callbackUrl=/notes&reason=expired',
    status: 303,
    location: '/login?reason=expired&callbackUrl=%2Fnotes',
    clears: [cleared],
  },

  refusedPost('another site', { 'sec-fetch-site': 'cross-site' }),
  refusedPost('another site that names our origin', { 'sec-fetch-site': 'cross-site', origin: APP_ORIGIN }),
  refusedPost('a sibling of the same site', { 'sec-fetch-site': 'same-site' }),
  refusedPost('an address bar', { 'sec-fetch-site': 'none' }),
  refusedPost('an opaque origin', { origin: 'null' }),
  refusedPost('another origin', { origin: 'https://evil.example' }),
  refusedPost('another port', { origin: 'http://localhost:1' }),
  refusedPost('our name over https', { origin: APP_ORIGIN.replace('http:', 'https:') }),
  refusedPost('somebody who says nothing', {}),
  refusedPost('somebody with only a Referer', { referer: `${APP_ORIGIN}/notes` }),

  ...[{ 'sec-fetch-site': 'same-origin' }, { origin: APP_ORIGIN }].flatMap((headers): Row[] => [
    {
      case: 'L5',
      who: 'a POST of our own page',
      method: 'POST',
      cookies: ['live'],
      headers,
      status: 303,
      location: 'the provider',
      clears: [cleared],
      ends: true,
    },
    {
      case: 'L5',
      who: 'a POST of our own page',
      method: 'POST',
      cookies: ['dead', 'unknown', 'ended', 'none'],
      headers,
      status: 303,
      location: '/login',
      clears: [cleared],
    },
  ]),
];

const COOKIES: Record<Row['cookies'][number], (live: Headers) => string | null | Promise<string | null>> = {
  live: (live) => live.get('cookie'),
  dead: () => 'bff-session=garbage',
  unknown: () => `bff-session=v1.${'A'.repeat(43)}`,
  async ended() {
    const bob = await signIn(upstream, 'bob');
    await submit(bob);
    await upstream.control('reset');
    return bob.get('cookie');
  },
  none: () => '',
};

const EACH = TABLE.flatMap((row) =>
  row.cookies.map((cookie) => ({ ...row, cookie, sent: JSON.stringify({ ...row.headers }) })),
);

test.each(EACH)('$case $who, cookie: $cookie, $sent$search answers $status', async (row) => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('reset');
  const cookie = await COOKIES[row.cookie](alice);
  const cookies = [cookie, row.headers?.['cookie']].filter(Boolean).join('; ');
  const { method = 'GET', search = '' } = row;
  const headers = { ...row.headers, ...(cookies && { cookie: cookies }) };
  const request = new Request(`${APP_ORIGIN}/logout${search}`, { method, headers });
  const response = await (method === 'POST' ? signOut : visitLogout)(request);
  expect(response.status).toBe(row.status);
  const location = response.headers.get('location');
  if (row.location === 'the provider') expect(new URL(location ?? '').origin).toBe(upstream.demo.issuer);
  else expect(location).toBe(row.location ?? null);
  expect(response.headers.getSetCookie()).toEqual(row.clears ?? []);
  expect(response.headers.get('cache-control')).toBe('no-store');
  if (row.status !== 303) expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(await statusOf(alice)).toBe(row.ends ? 'dead' : 'live');
  expect(await upstream.counters()).toMatchObject({ revocations: row.ends ? 1 : 0 });
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

test('L5 the sign-out is told to the provider, which brings the browser back', async () => {
  const alice = await signIn(upstream, 'alice');
  const location = new URL((await submit(alice)).headers.get('location') ?? '');
  expect(location.searchParams.get('post_logout_redirect_uri')).toBe(`${APP_ORIGIN}/login`);
  expect(await sessionState(alice)).toMatchObject({
    status: 'dead',
    reason: 'ended',
    endReason: 'signed-out',
  });
});

test('L5 a sign-out ends both of two live sessions in one browser', async () => {
  const [one, two] = [await signIn(upstream, 'alice'), await signIn(upstream, 'alice')];
  const both = browserHeaders(`${one.get('cookie')}; ${two.get('cookie')}`);
  expect((await submit(both)).status).toBe(303);
  expect([await statusOf(one), await statusOf(two)]).toEqual(['dead', 'dead']);
});

test('L7 a copied cookie is dead after the sign-out', async () => {
  const alice = await signIn(upstream, 'alice');
  const copy = browserHeaders(alice.get('cookie') ?? '');
  await submit(alice);
  expect(await statusOf(copy)).toBe('dead');
});
