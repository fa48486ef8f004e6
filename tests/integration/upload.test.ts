import { createTRPCClient, httpLink } from '@trpc/client';
import { beforeEach, describe, expect, test } from 'vitest';
import { fieldsHeader, sendFileAsBody } from '../../packages/next-trpc-bff/src/client/file-link';
import type { AppRouter } from '../../server/router';
import { callerFor, liveSession } from '../support/calling';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';
import { type Generated, generated } from '../support/streams';

const TIMEOUT_MS = 2_000;
const MIB = 1_048_576;
const FOREVER_MS = 600_000;

const upstream = await startUpstream({ UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS) });
const alice = await signIn(upstream, 'alice');
const [note] = (await callerFor(alice).notes.list({ limit: 1 })).items;
const noteId = note?.id ?? '';
const bin = { noteId, name: 'a.bin', type: '' };

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

const PATH = `${APP_ORIGIN}/api/trpc/attachments.upload`;

/** Sends a stream as the body, as a browser does with a file. */
function upload({ stream }: Generated, changes: HeadersInit = {}, signal: AbortSignal | null = null) {
  const headers = new Headers(alice);
  headers.set('content-type', 'application/octet-stream');
  for (const [name, value] of [...Object.entries(fieldsHeader({ fields: bin })), ...new Headers(changes)])
    headers.set(name, value);
  return serveTRPC(
    new Request(PATH, { method: 'POST', headers, body: stream, signal, ...{ duplex: 'half' } }),
  );
}

const codeOf = async (response: Response) => (await response.json()).error.data.code;

/** A client with the page's links, and our handler in the network's place. */
const client = createTRPCClient<AppRouter>({
  links: [
    sendFileAsBody,
    httpLink({
      url: `${APP_ORIGIN}/api/trpc`,
      headers: ({ op }) => fieldsHeader(op.context),
      fetch: (url, { method = 'GET', body = null, signal = null, ...init } = {}) => {
        const headers = new Headers(alice);
        headers.delete('content-type');
        for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
        return serveTRPC(new Request(url, { method, body, signal, headers }));
      },
    }),
  ],
});

describe('A6 a file arrives unchanged, with its fields', () => {
  const name = 'Grüße “1” 日本 🚲 & ?#.txt';
  test.each([
    ['File', new File(['some text'], name), 'text/plain'],
    ['Blob', new Blob(['some text']), ''],
    ['Uint8Array', new TextEncoder().encode('some text'), 'image/png'],
  ])('a %s from the page', async (_, file, type) => {
    const uploaded = await client.attachments.upload.mutate({ noteId, name, type, file });
    expect(uploaded).toMatchObject({ name, type: type || 'application/octet-stream', size: 9 });
    expect((await client.attachments.list.query({ noteId })).items).toContainEqual(uploaded);
  });

  test('a stream or a File from this process', async () => {
    const { attachments } = callerFor(alice);
    expect(await attachments.upload({ ...bin, file: generated(MIB).stream })).toMatchObject({ size: MIB });
    expect(await attachments.upload({ ...bin, file: new File(['x'], 'x') })).toMatchObject({ size: 1 });
  });

  test('a stream from the page is refused at once: browsers cannot send one', async () => {
    const sending = client.attachments.upload.mutate({ ...bin, file: generated(MIB).stream });
    await expect(sending).rejects.toThrow('a browser cannot send a stream');
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });
});

test('A6 fields are validated before the API is called, and the rest of the file is read', async () => {
  const body = generated(MIB);
  const refused = await upload(body, fieldsHeader({ fields: { noteId, name: '', type: 'a\nb' } }));
  expect((await refused.json()).error.data).toMatchObject({
    code: 'BAD_REQUEST',
    input: { name: ['Choose a file.'], type: [expect.any(String)] },
  });
  expect(await codeOf(await upload(generated(MIB), { 'x-trpc-fields': '%7B' }))).toBe('BAD_REQUEST');
  expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
});

test('A6 200 MB pass through without staying in memory', async () => {
  await upload(generated(50 * MIB));
  const before = process.memoryUsage.rss();
  let most = before;
  const { stream, ...rest } = generated(200 * MIB);
  const watch = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      most = Math.max(most, process.memoryUsage.rss());
      controller.enqueue(piece);
    },
  });
  const response = await upload({ ...rest, stream: stream.pipeThrough(watch) });
  expect((await response.json()).result.data).toMatchObject({ size: 200 * MIB });
  expect(most - before).toBeLessThan(64 * MIB);
});

test('A6 an API that does not read applies back-pressure to the browser, while other calls go on', async () => {
  await upstream.control('knobs', { api: { delayMs: FOREVER_MS } });
  const [browser, stalled] = [new AbortController(), generated(64 * MIB)];
  const answer = upload(stalled, {}, browser.signal);
  await expect.poll(async () => (await upstream.counters())['apiRequests']).toBe(1);
  await upstream.control('knobs');
  expect((await upload(generated(48 * MIB))).status).toBe(200);
  // What the sockets on the way hold.
  expect(stalled.taken()).toBeLessThan(24 * MIB);
  browser.abort();
  await answer;
});

test('A6 an API that never takes a file is GATEWAY_TIMEOUT', async () => {
  await upstream.control('knobs', { api: { delayMs: FOREVER_MS } });
  expect(await codeOf(await upload(generated(64 * MIB)))).toBe('GATEWAY_TIMEOUT');
});

test('A6 a cancelled upload is cancelled at the API', async () => {
  const browser = new AbortController();
  const body = generated(1_000 * MIB);
  const answer = upload(body, {}, browser.signal);
  await expect.poll(async () => (await upstream.counters())['uploadedBytes']).toBeGreaterThan(0);
  browser.abort();
  expect(await codeOf(await answer)).toBe('CLIENT_CLOSED_REQUEST');
  await expect.poll(async () => (await upstream.counters())['apiAborts']).toBe(1);
  expect(body.isRead()).toBe(false);
});

test('A6 an early refusal of the API is passed on at once, and the rest of the file is read', async () => {
  await upstream.control('knobs', { api: { status: 413 } });
  const body = generated(64 * MIB);
  const refused = await upload(body);
  expect([refused.status, await codeOf(refused)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  // Nobody is left to read it: a browser would not look at the answer before all is sent.
  await expect.poll(body.isRead).toBe(true);
});

describe('T11 a token that is rejected while a file streams', () => {
  test('is renewed, and the call fails with retryAfter 0', async () => {
    await upstream.control('expire', { user: 'alice' });
    const response = await upload(generated(MIB));
    expect((await response.json()).error.data).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      upstream: { status: 401, retryAfter: '0' },
    });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 1, refreshes: 1 });
    expect((await upload(generated(MIB))).status).toBe(200);
  });

  test('makes the page send the file again, once', async () => {
    await upstream.control('expire', { user: 'alice' });
    const file = new Blob(['some text']);
    expect(await client.attachments.upload.mutate({ ...bin, file })).toMatchObject({ size: 9 });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 2, refreshes: 1 });

    await upstream.control('reset');
    await upstream.control('knobs', { api: { status: 401 } });
    await expect(client.attachments.upload.mutate({ ...bin, file })).rejects.toMatchObject({
      data: { code: 'SERVICE_UNAVAILABLE' },
    });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 2, refreshes: 2 });
  });

  test('is renewed before the first byte when it has expired', async () => {
    await upstream.control('knobs', { accessTokenTtl: 1 });
    const bob = await signIn(upstream, 'bob');
    const [{ id = '' } = {}] = (await callerFor(bob).notes.list({ limit: 1 })).items;
    await expect
      .poll(async () => Date.now() - ((await liveSession(bob)).tokens.expiresAt ?? 0), { timeout: 5_000 })
      .toBeGreaterThan(0);
    await upstream.control('reset');
    const sent = await callerFor(bob).attachments.upload({ ...bin, noteId: id, file: generated(MIB).stream });
    expect(sent).toMatchObject({ size: MIB });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 1, refreshes: 1 });
  });
});

describe('A6 a form with a file', () => {
  const formWith = (file: File | null) => {
    const form = new FormData();
    form.set('noteId', noteId);
    if (file) form.set('file', file);
    return form;
  };

  test('arrives at the API as a form', async () => {
    const file = new File(['some text'], 'Grüße.txt', { type: 'text/plain' });
    const uploaded = await client.attachments.uploadForm.mutate(formWith(file));
    expect(uploaded).toMatchObject({ name: 'Grüße.txt', type: 'text/plain', size: 9 });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 1 });
  });

  test('is sent again by the server when its token was rejected, since it is held in memory', async () => {
    await upstream.control('expire', { user: 'alice' });
    await client.attachments.uploadForm.mutate(formWith(new File(['x'], 'x.txt')));
    expect(await upstream.counters()).toMatchObject({ apiRequests: 2, refreshes: 1 });
  });

  test('with invalid fields is refused before the API is called', async () => {
    for (const form of [formWith(null), formWith(new File([], ''))])
      await expect(client.attachments.uploadForm.mutate(form)).rejects.toMatchObject({
        data: { code: 'BAD_REQUEST', input: { file: [expect.any(String)] } },
      });
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });
});

test('S8 another site cannot upload, nor a script without the link’s header', async () => {
  for (const marks of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])
    expect((await upload(generated(MIB), marks)).status).toBe(403);
  const headers = new Headers({ cookie: alice.get('cookie') ?? '', 'x-trpc-source': 'script' });
  headers.set('content-type', 'application/octet-stream');
  expect((await serveTRPC(new Request(PATH, { method: 'POST', headers, body: 'x' }))).status).toBe(403);
  expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
});

test('B4 an upload whose session has ended is UNAUTHORIZED, and no byte of the next one is sent on', async () => {
  const carol = await signIn(upstream, 'alice');
  await upstream.control('revoke', { user: 'alice' });
  const cookie = { cookie: carol.get('cookie') ?? '' };
  expect(await codeOf(await upload(generated(MIB), cookie))).toBe('UNAUTHORIZED');
  await upstream.control('reset');
  const body = generated(64 * MIB);
  expect(await codeOf(await upload(body, cookie))).toBe('UNAUTHORIZED');
  expect(await upstream.counters()).toMatchObject({ apiRequests: 0, tokenRequests: 0, uploadedBytes: 0 });
  expect(body.taken()).toBe(0);
});
