import { beforeEach, describe, expect, test } from 'vitest';
import { WIRE_LIMITS } from '../../packages/next-trpc-bff/src/http/wire';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { browserHeaders } from '../support/browser-headers';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream({ UPSTREAM_TIMEOUT_MS: '1000' });
const alice = await signIn(upstream, 'alice');
const cookie = alice.get('cookie') ?? '';

const get = (path: string, headers: HeadersInit = alice, signal: AbortSignal | null = null) =>
  serveTRPC(new Request(`${APP_ORIGIN}/api/trpc/${path}`, { headers, signal }));
const post = (path: string, body: BodyInit, headers: HeadersInit = alice) =>
  serveTRPC(
    new Request(`${APP_ORIGIN}/api/trpc/${path}`, { method: 'POST', body, headers, ...{ duplex: 'half' } }),
  );
const errorOf = async (response: Response) => (await response.json()).error;

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('S8 requests of other origins are refused before any procedure', () => {
  const allowed = {
    'our page': { 'sec-fetch-site': 'same-origin' },
    'an older browser on our page': { origin: APP_ORIGIN },
    'a person typing the address': { 'sec-fetch-site': 'none' },
    'a script that may read': {},
  };
  const refused = {
    'another site': { 'sec-fetch-site': 'cross-site' },
    'a sibling host': { 'sec-fetch-site': 'same-site' },
    'another site that lies about its origin': { 'sec-fetch-site': 'cross-site', origin: APP_ORIGIN },
    'an older browser on another site': { origin: 'https://evil.example' },
    'an opaque origin': { origin: 'null' },
  };
  test.each(Object.entries(allowed))('%s may query', async (_, headers) => {
    expect((await get('notes.list?input=%7B%7D', { cookie, ...headers })).status).toBe(200);
  });
  test.each(Object.entries(refused))('%s may not query', async (_, headers) => {
    const response = await get('notes.list?input=%7B%7D', { cookie, ...headers });
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({ data: { code: 'FORBIDDEN' } });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  const note = JSON.stringify({ title: 'From S8' });
  test.each([
    ['our page', { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }, 200],
    ['an older browser on our page', { origin: APP_ORIGIN, 'content-type': 'application/json' }, 200],
    [
      'a script with our link’s header',
      { 'x-trpc-source': 'script', 'content-type': 'application/json' },
      200,
    ],
    ['a script without it', { 'content-type': 'application/json' }, 403],
    [
      'a form’s content type',
      { 'x-trpc-source': 'script', 'content-type': 'multipart/form-data; boundary=x' },
      403,
    ],
    ['a typed address', { 'sec-fetch-site': 'none', 'content-type': 'application/json' }, 403],
    ['another site', { 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' }, 403],
  ])('%s mutates: %#', async (_, headers, status) => {
    expect((await post('notes.create', note, { cookie, ...headers })).status).toBe(status);
    expect(await upstream.counters()).toMatchObject({ apiRequests: status === 200 ? 1 : 0 });
  });

  test('GET cannot mutate', async () => {
    const response = await get('notes.create?input=%7B%22title%22%3A%22x%22%7D');
    expect(response.status).toBe(405);
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  test.each(['OPTIONS', 'PUT', 'DELETE', 'PATCH'])(
    '%s is refused, and CORS is never granted',
    async (method) => {
      const response = await serveTRPC(
        new Request(`${APP_ORIGIN}/api/trpc/session.current`, {
          method,
          headers: { origin: 'https://evil.example' },
        }),
      );
      expect(response.status).toBe(405);
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );
});

describe('S8 sizes are bounded', () => {
  test('an address that is too long is 414', async () => {
    expect((await get(`notes.list?input=${'a'.repeat(WIRE_LIMITS.urlLength)}`)).status).toBe(414);
  });

  test('a body that is too large is 413, with a content-length or without', async () => {
    const large = JSON.stringify({ title: 'x', body: 'y'.repeat(limits().bodyBytes) });
    const declared = new Headers(alice);
    declared.set('content-length', String(large.length));
    expect((await post('notes.create', large, declared)).status).toBe(413);
    const response = await post('notes.create', new Blob([large]).stream());
    expect(response.status).toBe(413);
    expect(await errorOf(response)).toMatchObject({ data: { code: 'PAYLOAD_TOO_LARGE' } });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  test('a batch that is too large is 400, and one at the limit passes', async () => {
    const batchOf = (size: number) =>
      `${Array.from({ length: size }, () => 'session.current').join(',')}?batch=1`;
    expect((await get(batchOf(WIRE_LIMITS.batchSize))).status).toBe(200);
    expect((await get(batchOf(WIRE_LIMITS.batchSize + 1))).status).toBe(400);
  });
});

describe('bad input is a clear error of the right code', () => {
  test('an unknown procedure is 404', async () => {
    const response = await get('notes.nonsense');
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ data: { code: 'NOT_FOUND' } });
  });

  test.each([
    ['notes.list?input=%7B', 'a query'],
    ['notes.list?batch=1&input=%5B', 'a batch'],
  ])('invalid JSON in %s is 400', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).not.toContain('stack');
  });

  test('an address that cannot be decoded is 400', async () => {
    expect((await get('%')).status).toBe(400);
    expect((await get('%E0%A4%A?batch=1')).status).toBe(400);
  });

  test('invalid JSON in a body is 400', async () => {
    expect((await post('notes.create', '{"title":')).status).toBe(400);
  });

  test('A1 wrong types are rejected with field errors before the upstream is called', async () => {
    const response = await post('notes.create', JSON.stringify({ title: '', body: 7 }));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      message: 'The input is not valid.',
      data: { code: 'BAD_REQUEST', input: { title: ['A note needs a title.'], body: [expect.any(String)] } },
    });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  test('S2 garbage cookies are anonymous, never an error', async () => {
    for (const garbage of [
      'bff-session=',
      'bff-session=%00',
      `bff-session=${'x'.repeat(9_000)}`,
      ';;;=',
      'bff-session="v1.a"',
      cookie.slice(0, -1),
    ]) {
      const response = await get('session.current', { cookie: garbage });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ result: { data: null } });
    }
  });

  test('S2 a stale copy of the cookie locks no user out', async () => {
    const stale = cookie.replace(/\.[^;]{4}/, '.AAAA');
    const response = await get('session.current', { cookie: `bff-session=old; ${stale}; ${cookie}` });
    expect(await response.json()).toMatchObject({ result: { data: { user: { id: 'alice' } } } });
  });
});

test('S10 every answer is no-store, carries a request id, in its error too, and never a cookie', async () => {
  const xml = new Headers(alice);
  xml.set('content-type', 'application/xml');
  const answers = {
    result: await get('session.current'),
    'unknown procedure': await get('notes.nonsense'),
    'broken body': await post('notes.create', '{'),
    'broken query': await get('notes.list?input=%7B'),
    'broken batch': await get('notes.list?batch=1&input=%5B'),
    'batch too large': await get(
      `${Array.from({ length: WIRE_LIMITS.batchSize + 1 }, () => 'session.current').join(',')}?batch=1`,
    ),
    'unknown content type': await post('notes.create', '<note/>', xml),
    'another origin': await get('x', { origin: 'null' }),
  };
  for (const [kind, response] of Object.entries(answers)) {
    const { headers } = response;
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('set-cookie')).toBeNull();
    const requestId = headers.get('x-request-id');
    expect(requestId).toMatch(/^[\w-]{36}$/);
    const errors = [await response.json()].flat().flatMap(({ error }) => error ?? []);
    expect(errors).toHaveLength(kind === 'result' ? 0 : 1);
    for (const error of errors) expect(error).toMatchObject({ data: { requestId } });
  }
});

test('an anonymous call of a protected procedure is UNAUTHORIZED without an upstream call', async () => {
  const response = await get('notes.list?input=%7B%7D', browserHeaders());
  expect(response.status).toBe(401);
  expect(await errorOf(response)).toMatchObject({ data: { code: 'UNAUTHORIZED' } });
  expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
});
