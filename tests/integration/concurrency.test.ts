import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { createUpstream } from '../../packages/next-trpc-bff/src/upstream/client';
import { withoutToken } from '../../packages/next-trpc-bff/src/upstream/token-source';
import { createCallerFactory, publicProcedure, router } from '../../server/trpc';
import { configure } from '../support/environment';
import { holding, scriptedApi } from '../support/scripted-api';

const PLACES = 2;
const QUEUE = PLACES * limits().queuedPerCall;
const api = await scriptedApi();
configure({ UPSTREAM_URL: api.origin, UPSTREAM_CONCURRENCY: String(PLACES) });
const output = z.unknown();

const procedures = router({
  get: publicProcedure
    .input(z.number())
    .query(({ ctx, input: id }) => ctx.upstream.get('/x/{id}', { params: { id }, output })),
  hasty: publicProcedure.query(({ ctx }) => ctx.upstream.get('/hasty', { output, timeoutMs: 100 })),
  stream: publicProcedure.query(({ ctx }) => ctx.upstream.stream('/stream', {})),
});
const call = createCallerFactory(procedures);
/** Each call is a request of its own. */
const as = (signal?: AbortSignal) =>
  call(createContext({ headers: new Headers(), ...(signal && { signal }) }));

let upstream: ReturnType<typeof holding>;
beforeEach(() => {
  upstream = holding();
  api.answering(upstream.listener);
});

/** Answers whatever comes until all are answered. */
async function answerAll(calls: readonly Promise<unknown>[]): Promise<number> {
  let [most, open] = [0, calls.length];
  const all = Promise.all(calls.map((one) => one.finally(() => (open -= 1))));
  while (open > 0) {
    most = Math.max(most, upstream.held.length);
    upstream.release();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await all;
  return most;
}

describe('A9 calls of the upstream are bounded', () => {
  test('calls in flight and queued calls are limited, and one more is SERVICE_UNAVAILABLE at once', async () => {
    const calls = Array.from({ length: PLACES + QUEUE }, (_, id) => as().get(id));
    await expect.poll(() => upstream.held.length).toBe(PLACES);
    await expect(as().get(99)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: 'GET /x/{id} was not sent: too many calls are under way',
      cause: { message: `${PLACES} calls are under way and ${QUEUE} more wait` },
    });
    expect(await answerAll(calls)).toBe(PLACES);
    expect(api.lines).toHaveLength(PLACES + QUEUE);
    expect(api.lines).not.toContain('GET /x/99');
  });

  test('a queued call that times out is SERVICE_UNAVAILABLE, and was not sent', async () => {
    const calls = Array.from({ length: PLACES }, (_, id) => as().get(id));
    await expect.poll(() => upstream.held.length).toBe(PLACES);
    await expect(as().hasty()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await answerAll(calls);
    expect(api.lines).toHaveLength(PLACES);
  });

  test('A10 a queued call leaves the queue when its caller goes away, and was not sent', async () => {
    const calls = Array.from({ length: PLACES }, (_, id) => as().get(id));
    await expect.poll(() => upstream.held.length).toBe(PLACES);
    const left = new AbortController();
    const waiting = Array.from({ length: QUEUE }, () => as(left.signal).get(99));
    await expect(as().get(98)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    left.abort();
    for (const { status, reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[])
      expect([status, reason.code]).toEqual(['rejected', 'CLIENT_CLOSED_REQUEST']);
    const others = Array.from({ length: QUEUE }, (_, id) => as().get(id + 10));
    await answerAll([...calls, ...others]);
    expect(api.lines).not.toContain('GET /x/99');
  });
});

describe('A6 streams have a limiter of their own', () => {
  test('calls go on while the limiter of streams is full, and a stream releases its permit once it was read or cancelled', async () => {
    const streams = Array.from({ length: PLACES }, () => as().stream());
    await expect.poll(() => upstream.held.length).toBe(PLACES);
    const [first, second] = upstream.held.splice(0);
    first?.writeHead(200).write('begun');
    second?.writeHead(200).write('begun');
    const [read, left] = await Promise.all(streams);
    await answerAll([as().get(1)]);

    const third = as().stream();
    const fourth = as().stream();
    first?.end(', done');
    if (!read || !left) throw new Error('The streams did not open.');
    expect(await text(read.body)).toBe('begun, done');
    left.body.on('error', () => {}).destroy();
    await answerAll([third, fourth].map(async (opened) => (await opened).body.resume()));
    expect(api.lines.filter((line) => line === 'GET /stream')).toHaveLength(4);
  });

  test('a stream whose predicate fails releases its permit', async () => {
    api.answering((_, response) => void response.writeHead(200).write(Buffer.alloc(65_536)));
    const authorization = { ...withoutToken, accessToken: async () => 'a token' };
    const caller = createUpstream(createContext({ headers: new Headers() }).upstreamContext, authorization);
    const verdict = () => {
      throw new TypeError('It looked into a body that is not there.');
    };
    for (let n = 0; n <= PLACES + QUEUE; n += 1)
      await expect(caller.stream('/stream', { verdict })).rejects.toThrow('not there');
    await expect.poll(() => api.givenUp.length).toBe(PLACES + QUEUE + 1);
  });

  test('A10 a stream is aborted when its caller goes away, before it began and while it is read', async () => {
    const left = new AbortController();
    const early = as(left.signal).stream();
    await expect.poll(() => upstream.held.length).toBe(1);
    left.abort();
    await expect(early).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    await expect.poll(() => api.givenUp).toHaveLength(1);

    upstream.held.length = 0;
    const leaves = new AbortController();
    const opening = as(leaves.signal).stream();
    await expect.poll(() => upstream.held.length).toBe(1);
    upstream.held[0]?.writeHead(200).write('begun');
    const { body } = await opening;
    leaves.abort();
    await expect(text(body)).rejects.toThrow();
    await expect.poll(() => api.givenUp).toHaveLength(2);
  });
});
