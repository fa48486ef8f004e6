import { beforeEach, describe, expect, test } from 'vitest';
import { type DownloadOptions, download } from '../../packages/next-trpc-bff/src/files/download';
import { CURRENT_PATH_HEADER } from '../../packages/next-trpc-bff/src/http/wire';
import { callerFor } from '../support/calling';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const MIB = 1_048_576;
const TEMPLATE = '/notes/{noteId}/attachments/{id}';

const upstream = await startUpstream();
const alice = await signIn(upstream, 'alice');
const [{ id: noteId = '' } = {}] = (await callerFor(alice).notes.list({ limit: 1 })).items;

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

async function attached(name = 'a.txt', type = 'text/plain', content = '0123456789'): Promise<string> {
  const { attachments } = callerFor(alice);
  return (await attachments.upload({ noteId, name, type, file: new Blob([content]) })).id;
}

interface Asked {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: HeadersInit;
  readonly signal?: AbortSignal;
  readonly options?: Omit<DownloadOptions<typeof TEMPLATE>, 'params'>;
}

/** Asks as alice's browser, unless other headers say who asks. */
function get(id: string, { method = 'GET', headers = {}, signal, options = {} }: Asked = {}) {
  const sent = new Headers({ cookie: alice.get('cookie') ?? '' });
  for (const [name, value] of new Headers(headers)) sent.set(name, value);
  const address = `${APP_ORIGIN}/notes/${noteId}/attachments/${id}`;
  const request = new Request(address, { method, headers: sent, signal: signal ?? null });
  return download(request, TEMPLATE, { params: { noteId, id }, ...options });
}

test('A6 a file is sent unchanged, as an attachment, with the allowed headers only', async () => {
  const id = await attached('Grüße.txt', 'text/plain; charset=utf-8', 'some text');
  const response = await get(id);
  expect([response.status, await response.text()]).toEqual([200, 'some text']);
  expect(Object.fromEntries(response.headers)).toEqual({
    'accept-ranges': 'bytes',
    'cache-control': 'no-store, no-transform',
    'content-disposition': `attachment; filename="Gr??e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt`,
    'content-length': '9',
    'content-security-policy':
      "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
    'content-type': 'text/plain; charset=utf-8',
    'cross-origin-resource-policy': 'same-origin',
    etag: expect.any(String),
    'x-content-type-options': 'nosniff',
  });
});

describe('A6 a file is never executed as a page, style or script', () => {
  test.each([
    ['text/html', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/javascript', 'application/octet-stream'],
    ['text/css', 'application/octet-stream'],
    ['application/xml', 'application/octet-stream'],
    ['made/up', 'application/octet-stream'],
    ['image/png', 'image/png'],
    ['application/pdf', 'application/pdf'],
  ])('a file of type %s is sent as %s', async (type, handedOut) => {
    const id = await attached('x', type);
    for (const inline of [false, true]) {
      const { headers } = await get(id, { options: { inline } });
      expect(headers.get('content-type')).toBe(handedOut);
      const isShown = inline && handedOut === 'image/png';
      expect(headers.get('content-disposition')).toBe(`${isShown ? 'inline' : 'attachment'}; filename=x`);
    }
  });

  test('a route handler may name the file', async () => {
    const { headers } = await get(await attached(), { options: { fileName: '../report "7".pdf' } });
    expect(headers.get('content-disposition')).toBe('attachment; filename="report _7_.pdf"');
  });
});

describe('A6 parts and conditions', () => {
  test.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-999', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=0-1,4-5', 200, '0123456789', null],
    ['lines=1-2', 200, '0123456789', null],
  ])('Range: %s is %i', async (range, status, content, contentRange) => {
    const response = await get(await attached(), { headers: { range } });
    expect([response.status, await response.text()]).toEqual([status, content]);
    expect(response.headers.get('content-range')).toBe(contentRange);
  });

  test('a file that has not changed is 304, and a part of one that has is the whole', async () => {
    const id = await attached();
    const etag = (await get(id)).headers.get('etag') ?? '';
    const unchanged = await get(id, { headers: { 'if-none-match': etag } });
    expect([unchanged.status, unchanged.headers.get('etag'), unchanged.body]).toEqual([304, etag, null]);
    const part = await get(id, { headers: { range: 'bytes=0-1', 'if-range': etag } });
    const whole = await get(id, { headers: { range: 'bytes=0-1', 'if-range': '"other"' } });
    expect([part.status, whole.status]).toEqual([206, 200]);
  });

  test('HEAD requests no content from the API', async () => {
    const id = await attached();
    await upstream.control('reset');
    const response = await get(id, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '10']);
    expect(await response.text()).toBe('');
    expect(await upstream.counters()).toMatchObject({ apiRequests: 1, apiAborts: 0, downloadedBytes: 0 });
  });
});

describe('B1 a download without a live session', () => {
  const nobody = { cookie: '' };
  const there = (path: string) => `/logout?${new URLSearchParams({ callbackUrl: path })}`;

  test('redirects a navigation to /logout and back to the page with the link', async () => {
    const own = `/notes/${noteId}/attachments/x`;
    const document = { ...nobody, 'sec-fetch-dest': 'document' };
    for (const [headers, back] of [
      [document, own],
      [{ ...nobody, 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'navigate' }, own],
      [{ ...document, [CURRENT_PATH_HEADER]: `${own}?v=1` }, `${own}?v=1`],
      [{ ...document, referer: `${APP_ORIGIN}/notes/7?tab=2` }, '/notes/7?tab=2'],
      [{ ...document, referer: `${APP_ORIGIN}/login` }, own],
      [{ ...document, referer: 'https://evil.example/notes/7' }, own],
    ] as const) {
      const response = await get('x', { headers });
      expect([response.status, response.headers.get('location')]).toEqual([307, there(back)]);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });

  test('is 401 for a fetch or an image, which would mistake a page for the file', async () => {
    for (const dest of ['empty', 'image']) {
      const response = await get('x', { headers: { ...nobody, 'sec-fetch-dest': dest } });
      expect([response.status, response.headers.get('location')]).toEqual([401, null]);
    }
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  test('ends when the API rejects every token, and is renewed while one refresh helps', async () => {
    const id = await attached();
    const bob = await signIn(upstream, 'bob');
    const [{ id: his = '' } = {}] = (await callerFor(bob).notes.list({ limit: 1 })).items;
    expect(his).not.toBe('');
    await upstream.control('expire', { user: 'alice' });
    expect(await (await get(id)).text()).toBe('0123456789');
    await upstream.control('revoke', { user: 'bob' });
    const refused = await get(id, { headers: { cookie: bob.get('cookie') ?? '' } });
    expect([refused.status, refused.headers.get('location')?.startsWith('/logout')]).toEqual([307, true]);
  });
});

test.each([
  [404, 404, 'There is no such file.'],
  [403, 403, 'The file cannot be downloaded (403).'],
  [429, 429, 'The file cannot be downloaded (429).'],
  [500, 502, 'The file cannot be downloaded right now. Try again in a moment.'],
  [503, 503, 'The file cannot be downloaded right now. Try again in a moment.'],
])(
  'A9 a download that the API answers with %i is %i, without the API’s text',
  async (status, ours, sentence) => {
    const id = await attached();
    await upstream.control('knobs', { api: { status, message: 'secret of the API' } });
    const response = await get(id);
    expect([response.status, await response.text()]).toEqual([ours, `${sentence}\n`]);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  },
);

describe('A6 a large file', () => {
  const large = async (bytes: number) => {
    const id = await attached();
    await upstream.control('reset');
    await upstream.control('knobs', { api: { attachmentBytes: bytes } });
    return id;
  };

  test('is not fetched faster than it is read, while other calls go on', async () => {
    const id = await large(64 * MIB);
    const stalled = (await get(id)).body?.getReader();
    expect((await stalled?.read())?.value?.byteLength).toBeGreaterThan(0);
    expect((await (await get(id)).arrayBuffer()).byteLength).toBe(64 * MIB);
    // What the sockets hold of the one that nobody reads.
    expect((await upstream.counters())['downloadedBytes']).toBeLessThan((64 + 24) * MIB);
    await stalled?.cancel();
    await expect.poll(async () => (await upstream.counters())['apiAborts']).toBe(1);
  });

  test('is aborted at the API when the browser aborts it, read or not', async () => {
    const id = await large(1_000 * MIB);
    for (const isRead of [true, false]) {
      await upstream.control('reset');
      const browser = new AbortController();
      const response = await get(id, { signal: browser.signal });
      const reader = response.body?.getReader();
      if (isRead) await reader?.read();
      browser.abort();
      await expect.poll(async () => (await upstream.counters())['apiAborts']).toBe(1);
      await expect(reader?.read()).rejects.toThrow();
    }
  });

  test('passes through without staying in memory', async () => {
    const id = await large(300 * MIB);
    const before = process.memoryUsage.rss();
    let [most, bytes] = [before, 0];
    for await (const piece of (await get(id)).body ?? []) {
      bytes += piece.byteLength;
      most = Math.max(most, process.memoryUsage.rss());
    }
    expect(bytes).toBe(300 * MIB);
    expect(most - before).toBeLessThan(64 * MIB);
  });
});
