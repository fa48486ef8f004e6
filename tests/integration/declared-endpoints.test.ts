import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { signIn, startUpstream } from '../support/signed-in';

interface Received {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const received: Received[] = [];
let answer: { status: number; body: string; type?: string } = { status: 200, body: '{}' };
/** How many of the next calls are answered 401. */
let rejects = 0;
const api = createServer(async (request, response) => {
  const { method, url, headers } = request;
  received.push({ line: `${method} ${url}`, headers, body: await text(request) });
  const status = rejects-- > 0 ? 401 : answer.status;
  response.writeHead(status, { 'content-type': answer.type ?? 'application/json' }).end(answer.body);
}).listen(0, '127.0.0.1');
await once(api, 'listening');
afterAll(() => void api.close());
const address = api.address();
const port = typeof address === 'object' ? address?.port : 0;
const upstream = await startUpstream({ UPSTREAM_URL: `http://127.0.0.1:${port}` });
const alice = await signIn(upstream, 'alice');

beforeEach(() => {
  received.length = 0;
  rejects = 0;
  answer = { status: 200, body: '{}' };
});

const verdict = ({ status }: { status: number }) => (status === 440 ? 'unauthenticated' : 'accepted');
const anything = z.unknown();
const word = z.string();

const endpoints = router({
  list: endpoint('GET /notes', {
    input: z.object({ q: word.nullish(), tags: z.array(word).optional(), cursor: z.number().nullish() }),
    output: z.object({ items: z.array(z.object({ id: word })) }),
  }),
  byId: endpoint('GET /notes/{id}', { output: anything }),
  odd: endpoint('GET /a/{note-id}/{n}.json', { output: anything }),
  list2: endpoint('POST /lists', { input: z.array(z.object({ id: word })), output: anything }),
  form: endpoint('POST /forms', { input: z.instanceof(FormData), output: anything }),
  stream: endpoint('POST /streams', { input: z.instanceof(ReadableStream), output: anything }),
  ping: endpoint('POST /ping', { output: z.void() }),
  create: endpoint('POST /users/{user}/notes', {
    input: z.object({ user: word, title: word, body: word.optional() }),
    output: anything,
    headers: { accept: 'application/vnd.notes+json' },
  }),
  save: endpoint('PUT /notes/{id}', {
    input: z.object({ id: word, etag: word, dry: z.boolean(), title: word }),
    output: anything,
    send: ({ etag, dry, ...body }) => ({ headers: { 'If-Match': etag }, query: { dry }, body }),
  }),
  replaceAll: endpoint('PUT /tags', {
    input: z.object({ tags: z.array(word) }),
    output: anything,
    send: ({ tags }) => ({ body: tags }),
  }),
  login: endpoint('POST /form', {
    input: z.object({ a: word }),
    output: anything,
    send: (rest) => ({ body: new URLSearchParams(rest) }),
  }),
  photo: endpoint('PUT /photo', {
    input: z.object({ photo: z.file() }),
    output: z.void(),
    send: ({ photo }) => ({ body: photo }),
  }),
  remove: endpoint('DELETE /notes/{id}', {
    input: z.object({ id: word, force: z.boolean().optional() }),
    output: z.void(),
  }),
  start: endpoint('POST /jobs', { output: z.object({ id: word }).optional() }),
  exists: endpoint('HEAD /notes/{id}', { output: z.void() }),
  open: endpoint('GET /open', { output: anything, access: 'public' }),
  maybe: endpoint('GET /maybe', { output: anything, access: 'optional' }),
  enveloped: endpoint('GET /enveloped', { output: word, unwrap: (payload) => Object(payload).result }),
  odder: endpoint('GET /odder', { output: anything, verdict }),
});

const as = (headers: Headers) => createCallerFactory(endpoints)(createContext({ headers }));
const lines = () => received.map(({ line }) => line);

test('A5 the input of a GET fills the path and the query string, and the answer is validated', async () => {
  answer.body = '{"items":[{"id":"1","secret":true}],"more":1}';
  const list = await as(alice).list({ q: 'a&b=c', tags: ['x y', 'z'], cursor: null });
  expect(list).toEqual({ items: [{ id: '1' }] });
  await as(alice).byId({ id: 'ü/x' });
  await as(alice).odd({ 'note-id': '1?', n: 2 });
  expect(lines()).toEqual([
    'GET /notes?q=a%26b%3Dc&tags=x+y&tags=z',
    'GET /notes/%C3%BC%2Fx',
    'GET /a/1%3F/2.json',
  ]);
});

test('A5 the input of a route without path parameters is the body, of any JSON type', async () => {
  await as(alice).list2([{ id: 'a' }, { id: 'b' }]);
  const form = new FormData();
  form.set('title', 'a form');
  await as(alice).form(form);
  await as(alice).stream(new Blob(['a stream']).stream());
  const [list, sentForm, stream] = received;
  expect(list?.body).toBe('[{"id":"a"},{"id":"b"}]');
  expect(sentForm?.headers['content-type']).toMatch(/^multipart\/form-data/);
  expect(sentForm?.body).toContain('a form');
  expect([stream?.headers['content-type'], stream?.body]).toEqual(['application/octet-stream', 'a stream']);
});

test('A5 the input of a POST fills the path and the JSON body; one without input sends none', async () => {
  await as(alice).create({ user: 'u 1', title: 'T' });
  answer.status = 204;
  answer.body = '';
  expect(await as(alice).ping()).toBeUndefined();
  const [created, pinged] = received;
  expect(created).toMatchObject({ line: 'POST /users/u%201/notes', body: '{"title":"T"}' });
  expect(created?.headers).toMatchObject({
    'content-type': 'application/json',
    accept: 'application/vnd.notes+json',
  });
  expect(pinged).toMatchObject({ line: 'POST /ping', body: '' });
  expect(pinged?.headers['content-type']).toBeUndefined();
});

test('A5 `send` moves the input into headers, query, a body of another shape, a form', async () => {
  await as(alice).save({ id: '7', etag: '"e"', dry: true, title: 'T' });
  await as(alice).replaceAll({ tags: ['a'] });
  await as(alice).login({ a: 'b c' });
  expect(received[0]).toMatchObject({ line: 'PUT /notes/7?dry=true', body: '{"title":"T"}' });
  expect(received[0]?.headers['if-match']).toBe('"e"');
  expect(received[1]?.body).toBe('["a"]');
  expect(received[2]?.body).toBe('a=b+c');
  expect(received[2]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
});

test('A5 a file is sent unchanged, and sent again after its token was rejected', async () => {
  const bob = await signIn(upstream, 'bob');
  rejects = 1;
  await as(bob).photo({ photo: new File(['abc'], 'a.png', { type: 'image/png' }) });
  expect(received.map(({ line, body }) => `${line} ${body}`)).toEqual(['PUT /photo abc', 'PUT /photo abc']);
  expect(received[1]?.headers['content-type']).toBe('image/png');
});

test('A5 DELETE sends its input as the query string, HEAD reads no body', async () => {
  answer.status = 204;
  answer.body = '';
  await as(alice).remove({ id: '7', force: true });
  answer.status = 200;
  expect(await as(alice).exists({ id: '7' })).toBeUndefined();
  answer.status = 404;
  await expect(as(alice).exists({ id: '8' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(lines()).toEqual(['DELETE /notes/7?force=true', 'HEAD /notes/7', 'HEAD /notes/8']);
});

test('A5 z.void() outputs undefined for any answer; an answer that may be empty needs an optional output', async () => {
  answer = { status: 200, body: '{"token":"secret"}' };
  expect(await as(alice).ping()).toBeUndefined();
  answer = { status: 200, body: 'OK', type: 'text/plain' };
  expect(await as(alice).ping()).toBeUndefined();
  answer = { status: 202, body: '' };
  expect(await as(alice).start()).toBeUndefined();
  await expect(as(alice).list({})).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
  answer = { status: 200, body: '{"id":"1","more":2}' };
  expect(await as(alice).start()).toEqual({ id: '1' });
});

test('A1 an input of another shape reaches no upstream', async () => {
  const wrong: unknown[] = [{}, { id: '' }, { id: null }, { id: { a: 1 } }, undefined, 'x'];
  for (const input of wrong) {
    const called = Reflect.apply(as(alice).byId, null, [input]);
    await expect(called).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  }
  expect(received).toEqual([]);
});

test('A4 A12 a public endpoint sends no token, an optional one sends it if there is a session, a protected one requires it', async () => {
  const nobody = new Headers();
  await as(alice).open();
  await as(alice).maybe();
  await as(nobody).open();
  await as(nobody).maybe();
  await expect(as(nobody).byId({ id: '1' })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(received.map(({ headers }) => typeof headers.authorization)).toEqual([
    'undefined',
    'string',
    'undefined',
    'undefined',
  ]);
});

test('A5 an endpoint may have its own unwrap and verdict', async () => {
  answer.body = '{"result":"inside"}';
  expect(await as(alice).enveloped()).toBe('inside');
  answer.body = '{"result":1}';
  await expect(as(alice).enveloped()).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
  const bob = await signIn(upstream, 'bob');
  answer = { status: 440, body: '{}' };
  await expect(as(bob).byId({ id: '1' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await expect(as(bob).odder()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('S9 no header of an endpoint overrides the token', async () => {
  const forged = router({
    forge: endpoint('GET /x', { output: anything, headers: { Authorization: 'Bearer mine' } }),
  });
  await createCallerFactory(forged)(createContext({ headers: alice })).forge();
  expect(received[0]?.headers.authorization).toMatch(/^Bearer ey/);
});
