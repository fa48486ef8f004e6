import { type PlainRequest, plainRequest, signInOverHttp } from '../support/plain-http';
import { expect, test } from './fixtures';

const LIMIT = { batch: 20, url: 8_192, body: 1_048_576 };
const POST_JSON = { 'content-type': 'application/json', 'x-trpc-source': 'react' };
const CREATE = '/api/trpc/notes.create';

const codeIn = (body: string): unknown => [JSON.parse(body)].flat()[0].error.data.code;

test('S8 a batch with too many calls is refused', async ({ app }) => {
  const batch = (size: number) =>
    plainRequest(`${app.origin}/api/trpc/${Array(size).fill('session.current').join(',')}?batch=1`);
  expect((await batch(LIMIT.batch)).status).toBe(200);
  const tooMany = await batch(LIMIT.batch + 1);
  expect([tooMany.status, codeIn(tooMany.body)]).toEqual([400, 'BAD_REQUEST']);
});

test('S8 an address with too many characters is refused', async ({ app }) => {
  const path = '/api/trpc/session.current?input=';
  const sized = (length: number) => plainRequest(app.origin + path.padEnd(length, '1'));
  expect((await sized(LIMIT.url)).status).toBe(200);
  const tooLong = await sized(LIMIT.url + 1);
  expect([tooLong.status, codeIn(tooLong.body)]).toEqual([414, 'BAD_REQUEST']);
});

test('S8 a body with too many bytes is refused, with a content-length or without', async ({ app }) => {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  await app.control('reset');
  const note = (bytes: number) => JSON.stringify({ title: 'Long', body: '' }).padEnd(bytes, ' ');
  const send = (body: NonNullable<PlainRequest['body']>) =>
    plainRequest(app.origin + CREATE, { method: 'POST', headers: { cookie, ...POST_JSON }, body });
  const chunked = (text: string) => text.match(/.{1,65536}/gs) ?? [];

  for (const body of [note(LIMIT.body + 1), chunked(note(LIMIT.body + 1)), chunked(note(3 * LIMIT.body))]) {
    const answer = await send(body);
    expect([answer.status, codeIn(answer.body)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  }
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
  for (const body of [note(LIMIT.body), chunked(note(LIMIT.body))])
    expect((await send(body)).status).toBe(200);
});

test('S8 headers with too many bytes are refused', async ({ app }) => {
  const answer = await plainRequest(`${app.origin}/api/trpc/session.current`, {
    headers: { 'x-filler': 'x'.repeat(40_000) },
  });
  expect(answer.status).toBe(431);
});

test('S8 a procedure that does not exist is NOT_FOUND', async ({ app }) => {
  for (const name of [
    'no.such',
    'notes',
    'notes.list.x',
    '__proto__',
    'constructor',
    'notes.constructor',
    'session',
  ]) {
    const answer = await plainRequest(`${app.origin}/api/trpc/${name}`);
    expect([name, answer.status, codeIn(answer.body)]).toEqual([name, 404, 'NOT_FOUND']);
  }
});

test('A1 wrong input is BAD_REQUEST with the field’s name, before the upstream is called', async ({
  app,
}) => {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  await app.control('reset');
  const get = (input: string) =>
    plainRequest(`${app.origin}/api/trpc/notes.list?input=${encodeURIComponent(input)}`, {
      headers: { cookie },
    });
  for (const input of [
    '{"limit":"ten"}',
    '{"limit":0}',
    '{"limit":1e9}',
    '7',
    '[]',
    'null',
    '{"cursor":{}}',
  ]) {
    const answer = await get(input);
    expect([input, answer.status, codeIn(answer.body)]).toEqual([input, 400, 'BAD_REQUEST']);
  }
  expect(Object.keys(JSON.parse((await get('{"limit":"ten"}')).body).error.data.input)).toEqual(['limit']);
  for (const body of ['{"title":""}', '{"title":7}', '{}', '[]', '"x"', '{"title":"x","body":{}}']) {
    const answer = await plainRequest(app.origin + CREATE, {
      method: 'POST',
      headers: { cookie, ...POST_JSON },
      body,
    });
    expect([body, answer.status, codeIn(answer.body)]).toEqual([body, 400, 'BAD_REQUEST']);
  }
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

test('S8 broken JSON is 400, and the answer reveals no internals', async ({ app }) => {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  await app.control('reset');
  const broken = ['{', '{"title":', 'title', '\u0000', '{"a":1}{', '[{]'];
  for (const body of broken) {
    const answers = [
      await plainRequest(`${app.origin}/api/trpc/notes.list?input=${encodeURIComponent(body)}`, {
        headers: { cookie },
      }),
      await plainRequest(app.origin + CREATE, { method: 'POST', headers: { cookie, ...POST_JSON }, body }),
      await plainRequest(`${app.origin}${CREATE}?batch=1`, {
        method: 'POST',
        headers: { cookie, ...POST_JSON },
        body,
      }),
    ];
    for (const answer of answers) {
      expect([body, answer.status, codeIn(answer.body)]).toEqual([
        body,
        400,
        expect.stringMatching('BAD_REQUEST|PARSE_ERROR'),
      ]);
      expect(answer.body).not.toContain('    at ');
    }
  }
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

test('S2 garbage in every cookie of ours makes no endpoint fail', async ({ app }) => {
  const names = ['session', 'state', 'pkce', 'nonce', 'callback-url', 'csrf-token', 'sign-in-restarted'];
  for (const value of [
    '',
    'x',
    '%E0%A4%A',
    '%00',
    '\u00ff',
    '{}',
    'a.b.c.d.e',
    '|',
    'v1.'.padEnd(2_000, 'x'),
  ]) {
    const cookie = `=; ;;; a=b=c; ${names.map((name) => `bff-${name}=${value}`).join('; ')}; __proto__=x`;
    for (const path of [
      '/',
      '/login',
      '/logout',
      '/notes',
      '/api/trpc/session.current',
      '/api/auth/session',
      '/api/auth/session?callbackUrl=nonsense',
      '/api/auth/csrf',
      '/api/auth/callback/oidc?code=x&state=y',
      '/api/auth/signin',
      '/api/auth/error',
      '/api/health/ready',
    ]) {
      const { status } = await plainRequest(app.origin + path, { headers: { cookie } });
      expect(status, `${path} with ${JSON.stringify(value)}`).toBeLessThan(500);
    }
  }
});

test('S8 odd paths and parameters make no endpoint fail', async ({ app }) => {
  for (const path of [
    '/api/trpc/',
    '/api/trpc/%00',
    '/api/trpc/session.current,',
    '/api/trpc/session.current?batch=1&input=%7B%22__proto__%22:1%7D',
    '/api/trpc/session.current?batch=x',
    '/api/auth/',
    '/api/auth/callback/none',
    '/api/auth/callback/oidc',
    '/api/auth/no-such',
    '/login?callbackUrl=a&callbackUrl=b&reason=x&reason=y&error=1&error=2',
    '/login?reason=__proto__',
    '/logout?callbackUrl',
    '/%E0%A4%A',
    '/notes/%2e%2e%2f',
  ]) {
    const { status } = await plainRequest(app.origin + path);
    expect(status, path).toBeLessThan(500);
  }
});
