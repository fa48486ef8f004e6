import { randomInt } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { TRPCError } from '@trpc/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { METHODS } from '../../packages/next-trpc-bff/src/upstream/request';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { serve } from '../support/http-server';
import { signIn, startUpstream } from '../support/signed-in';

interface Received {
  readonly method: string | undefined;
  readonly url: URL;
  readonly headers: [name: string, value: string][];
  readonly body: string;
}

const received: Received[] = [];
const origin = await serve(async (request, response) => {
  const { method, url = '', rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, n): [string, string][] =>
    n % 2 === 0 ? [[name.toLowerCase(), rawHeaders[n + 1] ?? '']] : [],
  );
  received.push({ method, url: new URL(url, 'http://upstream.test'), headers, body: await text(request) });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
const upstream = await startUpstream({ UPSTREAM_URL: `${origin}/base/v1` });
const alice = await signIn(upstream, 'alice');
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));

const anything = z.object({
  id: z.string(),
  file: z.string(),
  query: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
type Rest = Omit<z.output<typeof anything>, 'id' | 'file'>;

const PATH = '/notes/{id}/files/{file}';
const asking = {
  input: anything,
  output: z.unknown(),
  retries: 0,
  send: ({ query, headers }: Rest) => ({ query, headers }),
};
const telling = { input: anything, output: z.unknown(), send: (rest: Rest) => rest };

/** Endpoints that let their callers say all that an input can say. */
const open = router({
  GET: endpoint(`GET ${PATH}`, asking),
  HEAD: endpoint(`HEAD ${PATH}`, asking),
  POST: endpoint(`POST ${PATH}`, telling),
  PUT: endpoint(`PUT ${PATH}`, telling),
  PATCH: endpoint(`PATCH ${PATH}`, telling),
  DELETE: endpoint(`DELETE ${PATH}`, telling),
});

const RESERVED = [
  'Host',
  'Cookie',
  'content-length',
  'Transfer-Encoding',
  'connection',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'keep-alive',
];
const nasty = fc.constantFrom(
  '..',
  '.',
  '../../admin',
  '%2e%2e',
  '//evil.example',
  '\\\\evil.example',
  '@evil.example',
  'http://evil.example/',
  'a\r\nhost: evil.example',
  'a\r\n\r\nGET /admin HTTP/1.1\r\nhost: evil.example\r\n\r\n',
  ' HTTP/1.1\r\nx-evil: 1',
  '\0',
  '\ud800',
);
const word = fc.oneof({ weight: 3, arbitrary: fc.string({ unit: 'binary' }) }, nasty);
/** Zod leaves this one out of what it parses. */
const key = word.filter((name) => name !== '__proto__');
const headerName = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[xX]-[a-z0-9_.-]{1,9}$/) },
  fc.constantFrom('authorization', 'X-Request-Id', ...RESERVED),
  key,
);
const headerValue = fc.oneof({ weight: 2, arbitrary: fc.stringMatching(/^[\x20-\xff]*$/) }, word);
const input = fc.record({
  id: word,
  file: word,
  query: fc.dictionary(key, word, { maxKeys: 3 }),
  headers: fc.dictionary(headerName, headerValue, { maxKeys: 2 }),
  body: word,
});

const isSegment = (value: string) => value !== '' && !/(?:^|[/\\])\.{1,2}(?:$|[/\\])/.test(value);
const isHeader = ([name, value]: [string, string]) =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) &&
  !RESERVED.some((reserved) => reserved.toLowerCase() === name.toLowerCase()) &&
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

test(`S9 property: no input reaches another host, path or method, nor adds a header or a request (seed ${seed})`, async () => {
  const headersOf = ({ headers }: Received, name: string) =>
    headers.flatMap(([key, value]) => (key === name ? value : []));
  const call = createCallerFactory(open)(() => createContext({ headers: alice }));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...METHODS), input, async (method, given) => {
      received.length = 0;
      const error = await call[method](given).then(
        () => null,
        (cause: unknown) => cause,
      );
      const isFine = [given.id, given.file].every(isSegment) && Object.entries(given.headers).every(isHeader);
      if (!isFine) {
        expect(error).toBeInstanceOf(TRPCError);
        expect(error).toMatchObject({ code: 'BAD_REQUEST' });
        expect(received).toEqual([]);
        return;
      }
      expect(error).toBeNull();
      expect(received).toHaveLength(1);
      const [request] = received;
      if (!request) return;
      expect(request.method).toBe(method);
      const [, id = '', file = ''] =
        /^\/base\/v1\/notes\/([^/]+)\/files\/([^/]+)$/.exec(request.url.pathname) ?? [];
      expect([id, file].map(decodeURIComponent)).toEqual([given.id, given.file].map((x) => x.toWellFormed()));
      const wellFormed = Object.entries(given.query).map((pair) => pair.map((x) => x.toWellFormed()));
      expect([...request.url.searchParams]).toEqual(wellFormed);
      expect(headersOf(request, 'host')).toEqual([new URL(origin).host]);
      expect(headersOf(request, 'authorization')).toEqual([expect.stringMatching(/^Bearer ey/)]);
      const own = Object.keys(given.headers).map((name) => name.toLowerCase());
      const standard = ['accept', 'authorization', 'connection', 'content-length', 'content-type', 'host'];
      const known = new Set([...own, ...standard, 'x-request-id', 'transfer-encoding']);
      expect(request.headers.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
      const isAsking = method === 'GET' || method === 'HEAD';
      expect(request.body).toBe(isAsking ? '' : JSON.stringify(given.body));
    }),
    { numRuns: 500, seed },
  );
});

test('S9 a header whose name or value cannot be sent is BAD_REQUEST with its name, and is not sent', async () => {
  const call = createCallerFactory(open)(createContext({ headers: alice }));
  const given = { id: '1', file: '2', query: {}, body: '' };
  received.length = 0;
  for (const [name, value] of [
    ['x-own', 'a\r\nx-evil: 1'],
    ['x-own', 'a\nb'],
    ['x-own', '\u0100'],
    ['x-own:', 'a'],
    ['host', 'evil.example'],
    ['Content-Length', '0'],
  ] as const) {
    await expect(call.POST({ ...given, headers: { [name]: value } })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `The header "${name.toLowerCase()}" of POST ${PATH} cannot be sent.`,
    });
  }
  expect(received).toEqual([]);
});
