import type { RequestListener } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { download } from '../../packages/next-trpc-bff/src/files/download';
import type { Presentation } from '../../packages/next-trpc-bff/src/files/file-response';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { serve } from '../support/http-server';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

let answer: RequestListener = (_request, response) => response.end();
const api = await serve((request, response) => answer(request, response));
const upstream = await startUpstream({
  UPSTREAM_URL: api,
  UPSTREAM_TIMEOUT_MS: '1000',
  UPSTREAM_CONCURRENCY: '2',
});
const alice = await signIn(upstream, 'alice');

const get = (asked: Record<string, string> = {}, presentation: Presentation = {}) =>
  download(
    new Request(`${APP_ORIGIN}/file`, { headers: new Headers([...alice, ...Object.entries(asked)]) }),
    '/files/{id}',
    { params: { id: 7 }, ...presentation },
  );

test('A6 of the API’s answer only the file and the allowed headers pass', async () => {
  answer = (_request, response) => {
    response.writeHead(200, {
      'set-cookie': 'bff-session=stolen',
      location: 'https://evil.example',
      refresh: '0; url=https://evil.example',
      'cache-control': 'public, max-age=9999',
      'content-type': 'text/html',
      'content-disposition': `inline; filename="../../x\\".html"`,
      'content-security-policy': "script-src 'unsafe-inline'",
      'access-control-allow-origin': '*',
      'x-internal-host': 'db7',
      'last-modified': 'Mon, 23 Nov 2026 10:00:00 GMT',
    });
    response.end('<script></script>');
  };
  const { headers } = await get();
  expect([...headers.keys()].sort()).toEqual([
    'cache-control',
    'content-disposition',
    'content-security-policy',
    'content-type',
    'cross-origin-resource-policy',
    'last-modified',
    'x-content-type-options',
  ]);
  expect(headers.get('cache-control')).toBe('no-store, no-transform');
  expect(headers.get('content-type')).toBe('application/octet-stream');
  expect(headers.get('content-disposition')).toBe('attachment; filename=x_.html');
});

test('S9 a download sends the API the session’s token and the range headers, and no other header of the browser', async () => {
  let sent: NodeJS.Dict<string | string[]> = {};
  answer = (request, response) => {
    sent = request.headers;
    response.end('x');
  };
  const headers = new Headers(alice);
  for (const name of ['accept', 'accept-encoding', 'user-agent', 'x-other', 'referer', 'origin'])
    headers.set(name, 'of the browser');
  headers.set('authorization', 'Bearer of-the-browser');
  headers.set('range', 'bytes=0-9');
  await download(new Request(`${APP_ORIGIN}/file`, { headers }), '/files', {});
  const { authorization, 'x-request-id': requestId, host, connection, ...rest } = sent;
  expect(authorization).toMatch(/^Bearer ey/);
  expect(rest).toEqual({ accept: '*/*', 'accept-encoding': 'identity', range: 'bytes=0-9' });
});

test('A8 encoded bytes that were not requested are 502: Next would drop the content-encoding', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.write('x');
  };
  expect((await get()).status).toBe(502);
});

test.each([
  ['that nobody asked for', {}, { 'content-range': 'bytes 0-1/9' }],
  ['that does not say which', { range: 'bytes=0-1' }, {}],
  ['of several', { range: 'bytes=0-1' }, { 'content-type': 'multipart/byteranges; boundary=x' }],
])('A8 a part %s is 502, and releases the limiter', async (_, asked, said) => {
  answer = (_request, response) => void response.writeHead(206, said).write('01');
  for (let n = 0; n < 4; n += 1) expect((await get(asked)).status).toBe(502);
});

test('A6 every XML type is saved as bytes', async () => {
  for (const type of ['image/x+xml', 'video/a+xml', 'application/vnd.ms+xml']) {
    answer = (_request, response) => void response.writeHead(200, { 'content-type': type }).end('<x/>');
    const { headers } = await get({}, { inline: true });
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment/);
  }
});

for (const [name, value] of [
  ['content-type', 'text/plain'],
  ['content-disposition', 'attachment; filename=a'],
] as const) {
  test(`A8 a ${name} that comes twice counts once, and the limiter is released`, async () => {
    answer = (_request, response) => {
      response.writeHead(200, [name, value, name, 'text/html'].flat()).end('content');
    };
    for (let n = 0; n < 4; n += 1) {
      const response = await get();
      expect([response.status, await response.text()]).toEqual([200, 'content']);
      expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
    }
  });
}

test('A10 a browser that disconnects from an unread download ends it, without an uncaught error', async () => {
  let gone = 0;
  let isFull = false;
  answer = (_request, response) => {
    response.on('close', () => {
      gone += 1;
    });
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
      isFull = response.writableLength > 0;
      response.once('drain', more);
    };
    more();
  };
  for (let n = 1; n <= 20; n += 1) {
    isFull = false;
    const { body } = await get();
    await expect.poll(() => isFull).toBe(true);
    await body?.cancel();
    await expect.poll(() => gone).toBe(n);
  }
});

test('A6 a download that is not read is aborted, and releases the limiter', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let isGone = false;
  answer = (_request, response) => {
    response.on('close', () => {
      isGone = true;
    });
    const more = () => {
      while (response.write(Buffer.alloc(65_536)));
      response.once('drain', more);
    };
    more();
  };
  const reader = (await get()).body?.getReader();
  await reader?.read();
  vi.advanceTimersByTime(limits().downloadPauseMs - 1);
  expect((await reader?.read())?.done).toBe(false);
  vi.advanceTimersByTime(limits().downloadPauseMs - 1);
  expect(isGone).toBe(false);
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  await expect.poll(() => isGone).toBe(true);
  await expect(reader?.closed).rejects.toThrow('Nobody takes the download.');
});

test('A8 an empty answer is an empty file', async () => {
  answer = (_request, response) => response.writeHead(204).end();
  const response = await get();
  expect([response.status, await response.text()]).toEqual([204, '']);
});

test('A8 a file whose stream breaks off fails for the browser too, and never looks complete', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('0123456789', () => response.destroy());
  };
  await expect((await get()).text()).rejects.toThrow();
});

test('A8 a file whose stream stalls is aborted in time', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('0123456789');
  };
  const response = await get();
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow('Body Timeout');
});

test('A6 every download releases the limiter, however it ended', async () => {
  const answers: [name: string, status: number, answer: RequestListener][] = [
    ['read', 200, (_request, response) => response.end('x')],
    ['empty', 204, (_request, response) => response.writeHead(204).end()],
    ['unchanged', 304, (_request, response) => response.writeHead(304).end()],
    ['encoded', 502, (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')],
    ['refused', 404, (_request, response) => response.writeHead(404).end('x')],
    ['endless', 200, ({ method }, response) => (method === 'HEAD' ? response.end() : response.write('x'))],
  ];
  for (const [name, status, listener] of answers) {
    answer = listener;
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD', 'GET']) {
      const browser = new AbortController();
      const request = new Request(`${APP_ORIGIN}/file`, { method, headers: alice, signal: browser.signal });
      const response = await download(request, '/files', {});
      expect(response.status, `${method} ${name}`).toBe(status);
      // A browser that asks for the head takes no body, and one that leaves takes no more of it.
      if (name === 'endless') browser.abort();
      else if (method === 'GET') await response.arrayBuffer();
    }
  }
});
