import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Context, createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { createCallerFactory, endpoint, publicProcedure, router } from '../../server/trpc';
import { configure } from '../support/environment';
import { broken, json, scriptedApi, status } from '../support/scripted-api';

const api = await scriptedApi();
configure({ UPSTREAM_URL: api.origin });
const output = z.unknown();
const access = 'public';

const endpoints = router({
  get: endpoint('GET /x', { output, access }),
  head: endpoint('HEAD /x', { output: z.void(), access }),
  once: endpoint('GET /x', { output, access, retries: 0 }),
  hasty: endpoint('GET /x', { output, access, timeoutMs: 600 }),
  stubborn: endpoint('GET /x', { output, access, timeoutMs: 600, retries: 1_000 }),
  post: endpoint('POST /x', { output, access }),
  put: endpoint('PUT /x', { output, access }),
  patch: endpoint('PATCH /x', { output, access }),
  remove: endpoint('DELETE /x', { output, access }),
  upload: publicProcedure.query(({ ctx }) => ctx.upstream.get('/x', { body: Readable.from(['a']), output })),
  uploadAnyway: publicProcedure.mutation(({ ctx }) =>
    ctx.upstream.post('/x', { body: {}, output, retries: 5 }),
  ),
  download: publicProcedure.query(async ({ ctx }) =>
    (await buffer((await ctx.upstream.stream('/x', {})).body)).toString(),
  ),
  slowDownload: publicProcedure.query(async ({ ctx }) =>
    (await buffer((await ctx.upstream.stream('/x', { timeoutMs: 600 })).body)).toString(),
  ),
});
const callerOf = createCallerFactory(endpoints);
const request = (signal?: AbortSignal) =>
  createContext({ headers: new Headers(), ...(signal && { signal }) });
let context: Context;
const calls = () => callerOf(context);

beforeEach(() => {
  context = request();
});

describe('A9 a GET is retried after a fault that may pass', () => {
  test.each([502, 503, 504])('%i, at most twice', async (code) => {
    api.answering(status(code), status(code), json('well'));
    expect(await calls().get()).toBe('well');
    expect(context.upstreamCalls.count).toBe(3);
    context = request();
    api.answering(status(code), status(code), status(code), json('late'));
    await expect(calls().get()).rejects.toMatchObject({ failure: { status: code } });
    expect(api.lines).toHaveLength(3);
  });

  test('a connection that breaks before the answer, or within it', async () => {
    api.answering(
      broken,
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{', () => response.destroy());
      },
      json('well'),
    );
    expect(await calls().get()).toBe('well');
    expect(api.lines).toHaveLength(3);
  });

  test('HEAD and streams too', async () => {
    api.answering(status(503), status(200));
    await calls().head();
    api.answering(status(503), json('streamed'));
    expect(await calls().download()).toBe('"streamed"');
    expect(api.lines).toHaveLength(2);
  });

  test('as often as `retries` of the endpoint allows', async () => {
    api.answering(status(503), json('late'));
    await expect(calls().once()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(api.lines).toHaveLength(1);
  });

  test('within its timeout, not longer', async () => {
    api.answering(status(503));
    await expect(calls().stubborn()).rejects.toMatchObject({ failure: { status: 503 } });
    expect(api.lines.length).toBeGreaterThan(1);
    expect(api.lines.length).toBeLessThan(6);
  });
});

describe('A9 a GET is not retried', () => {
  test.each([400, 404, 409, 429, 500, 501])('at %i', async (code) => {
    api.answering(status(code), json('late'));
    await expect(calls().get()).rejects.toMatchObject({ failure: { status: code } });
    expect(api.lines).toHaveLength(1);
  });

  test('with a body that is a stream', async () => {
    api.answering(status(503), json('late'));
    await expect(calls().upload()).rejects.toMatchObject({ failure: { status: 503 } });
    expect(api.lines).toHaveLength(1);
  });

  test('once its caller has gone away', async () => {
    const left = new AbortController();
    context = request(left.signal);
    api.answering((incoming, response) => {
      status(503, { 'retry-after': '2' })(incoming, response);
      response.once('close', () => setImmediate(() => left.abort()));
    }, json('late'));
    await expect(calls().get()).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    expect(api.lines).toHaveLength(1);
  });
});

describe('A9 Retry-After', () => {
  const soon = () => new Date(Date.now() - 60_000).toUTCString();

  test.each([
    [429, () => '0'],
    [503, () => '0'],
    [429, soon],
    [503, () => 'nonsense'],
    [503, () => '-5'],
  ])('a %i that allows it is sent again: %o', async (code, retryAfter) => {
    api.answering(status(code, { 'retry-after': retryAfter() }), json('well'));
    expect(await calls().get()).toBe('well');
  });

  test.each([
    [429, '3600'],
    [503, String(limits().retryAfterMs / 1_000 + 1)],
    [503, 'Fri, 31 Dec 2999 23:59:59 GMT'],
  ])('a %i that asks for longer is passed on: %s', async (code, retryAfter) => {
    api.answering(status(code, { 'retry-after': retryAfter }), json('late'));
    await expect(calls().get()).rejects.toMatchObject({ failure: { status: code, retryAfter } });
    expect(api.lines).toHaveLength(1);
  });

  test.each([
    [429, 'nonsense'],
    [429, '-5'],
    [429, 'Abc, 99 Def 2020 99:99:99 GMT'],
    [500, 'Ask db-1.internal, it is down.'],
  ])('of a %i that is invalid is neither waited for nor passed on: %s', async (code, retryAfter) => {
    api.answering(status(code, { 'retry-after': retryAfter }), json('late'));
    await expect(calls().get()).rejects.toMatchObject({ failure: { status: code, retryAfter: null } });
    expect(api.lines).toHaveLength(1);
  });

  test('is waited for within the endpoint’s timeout', async () => {
    api.answering(status(503, { 'retry-after': '1' }), json('well'));
    await expect(calls().hasty()).rejects.toMatchObject({ failure: { retryAfter: '1' } });
    expect(api.lines).toHaveLength(1);
  });
});

describe('A9 a mutation is never retried', () => {
  test.each(['post', 'put', 'patch', 'remove', 'uploadAnyway'] as const)('%s', async (name) => {
    for (const fault of [status(503), status(429, { 'retry-after': '0' }), broken]) {
      api.answering(fault, json('twice'));
      await expect(calls()[name]()).rejects.toThrow();
      expect(api.lines).toHaveLength(1);
    }
  });
});

describe('A8 an answer that trickles', () => {
  test('is aborted at the timeout of its endpoint', async () => {
    api.answering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const trickle = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(trickle));
    });
    await expect(calls().hasty()).rejects.toMatchObject({ code: 'GATEWAY_TIMEOUT' });
    await expect.poll(() => api.givenUp).toHaveLength(1);
  });

  test('is passed on as a stream while its chunks come in time', async () => {
    api.answering((_, response) => {
      let pieces = 0;
      const trickle = setInterval(() => {
        response.write('x');
        pieces += 1;
        if (pieces === 8) response.end(() => clearInterval(trickle));
      }, 100);
    });
    expect(await calls().slowDownload()).toBe('xxxxxxxx');
  });
});
