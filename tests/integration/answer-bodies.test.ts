import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { describeError } from '../../packages/next-trpc-bff/src/runtime/process';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { configure } from '../support/environment';
import { answer, broken, json, scriptedApi } from '../support/scripted-api';

const api = await scriptedApi();
configure({ UPSTREAM_URL: api.origin, UPSTREAM_TIMEOUT_MS: '5000' });
const notes = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().nullable() });
const endpoints = router({
  get: endpoint('GET /notes', { output: notes, access: 'public', retries: 0 }),
  again: endpoint('GET /notes', { output: notes, access: 'public' }),
  post: endpoint('POST /notes', { output: notes, access: 'public' }),
});
const calls = () => createCallerFactory(endpoints)(createContext({ headers: new Headers() }));

const SECRET = 'words of the upstream';
const typed = (contentType: string, body?: string | Uint8Array) =>
  answer(200, { 'content-type': contentType }, body);
const asJson = (body: string | Uint8Array) => typed('application/json', body);

/** Writes to the socket what no server of Node's would. */
const raw =
  (text: string): RequestListener =>
  ({ socket }) =>
    void socket.end(text);

/** Sends without end, as fast as it is read. */
const endless =
  (status: number): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const more = () => {
      while (response.write(' '.repeat(65_536)));
      response.once('drain', more);
    };
    more();
  };

const BODIES: Record<string, [RequestListener, what: string]> = {
  HTML: [typed('text/html', `<h1>${SECRET}</h1>`), 'answered 200 without JSON'],
  'HTML that says it is JSON': [asJson(`<h1>${SECRET}</h1>`), 'answered 200 with broken JSON'],
  'JSON that says it is HTML': [typed('text/html', '{}'), 'answered 200 without JSON'],
  'JSON without a type': [answer(200, {}, '{}'), 'answered 200 without JSON'],
  'nothing at all': [asJson(''), 'answered another shape than expected: the whole body'],
  'JSON cut short': [asJson(`{"items":["${SECRET}`), 'answered 200 with broken JSON'],
  'fewer bytes than it says': [
    raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{"items":['),
    'broke off',
  ],
  'pieces without an end': [
    raw(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"ite\r\n',
    ),
    'broke off',
  ],
  'a connection that breaks': [broken, 'broke off'],
  'something that is no HTTP': [raw(`220 ${SECRET}\r\n\r\n`), 'broke off'],
  'headers without an end': [raw(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`), 'broke off'],
  'another charset': [
    typed('application/json; charset=iso-8859-1', Buffer.from('{"items":["ä"]}', 'latin1')),
    'answered 200 with broken JSON',
  ],
  'UTF-16': [
    typed('application/json; charset=utf-16', Buffer.from('{"items":[]}', 'utf16le')),
    'answered 200 with broken JSON',
  ],
  'a compressed body that nobody asked for': [
    answer(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }, gzipSync('{}')),
    'answered 200 with broken JSON',
  ],
  'more than the size limit': [
    (_, response) => {
      const size = limits().answerBytes + 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(size));
    },
    'answered more than the size limit',
  ],
  'more than any limit': [endless(200), 'answered more than the size limit'],
  'another shape': [json({ items: [{ id: 1 }] }), 'answered another shape than expected: items.0.id'],
  'a list instead': [json([]), 'answered another shape than expected: the whole body'],
};

describe('A8 an unusable answer is BAD_GATEWAY with a message that names the fault', () => {
  test.each(Object.entries(BODIES))('%s', async (_, [listener, what]) => {
    for (const method of ['get', 'post'] as const) {
      api.answering(listener);
      const error = await calls()
        [method]()
        .catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'BAD_GATEWAY', message: `${method.toUpperCase()} /notes ${what}` });
      expect(JSON.stringify(describeError(error))).not.toContain(SECRET);
      expect(api.lines).toHaveLength(1);
      api.answering(json({ items: [{ id: 'a', more: 1 }], next: null }));
      expect(await calls()[method]()).toEqual({ items: [{ id: 'a' }], next: null });
    }
  });

  test('a body up to the size limit is accepted, and so is a byte order mark', async () => {
    const content = '{"items":[],"next":null}';
    api.answering(asJson(content.padEnd(limits().answerBytes)));
    expect(await calls().get()).toEqual({ items: [], next: null });
    api.answering(asJson(`\uFEFF${content}`));
    expect(await calls().get()).toEqual({ items: [], next: null });
  });
});

describe('A9 an error answer is mapped by its status, whatever its body is', () => {
  const errors: Record<string, RequestListener> = {
    HTML: answer(404, { 'content-type': 'text/html' }, SECRET),
    'no body': answer(404, {}),
    'broken JSON': answer(404, { 'content-type': 'application/json' }, '{'),
    'more than any limit': endless(404),
    'fewer bytes than it says': raw(
      'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{"message":',
    ),
  };
  test.each(Object.entries(errors))('%s', async (_, listener) => {
    api.answering(listener);
    await expect(calls().again()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'GET /notes answered 404',
      failure: { fieldErrors: null },
    });
    expect(api.lines).toHaveLength(1);
  });
});
