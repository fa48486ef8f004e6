import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Context, createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import type { ApiResponse } from '../../packages/next-trpc-bff/src/upstream/conventions';
import {
  createCallerFactory,
  endpoint,
  optionalProcedure,
  protectedProcedure,
  publicProcedure,
  router,
} from '../../server/trpc';
import { holding, json, scriptedApi, status } from '../support/scripted-api';
import { signIn, startUpstream } from '../support/signed-in';

const api = await scriptedApi();
const upstream = await startUpstream({ UPSTREAM_URL: api.origin });
const alice = await signIn(upstream, 'alice');
const output = z.unknown();
const rows = z.object({ rows: z.array(z.number()) });

/** As a GraphQL server says it. */
const forbiddenIn200 = ({ payload }: ApiResponse) =>
  z.object({ isForbidden: z.literal(true) }).safeParse(payload).success ? 'forbidden' : 'accepted';

const endpoints = router({
  get: endpoint('GET /x', { output }),
  once: endpoint('GET /x', { output, retries: 0 }),
  same: endpoint('GET /x', { output: rows }),
  wrong: endpoint('GET /x', { output: z.object({ rows: z.string() }) }),
  public: endpoint('GET /x', { output, access: 'public' }),
  optional: endpoint('GET /x', { output, access: 'optional' }),
  accepting: endpoint('GET /x', { output, headers: { accept: 'text/x-other' } }),
  forbidding: endpoint('GET /x', { output, verdict: forbiddenIn200 }),
  judging: endpoint('GET /x', { output, verdict: () => 'accepted' }),
  asking: endpoint('GET /x', { input: z.object({ q: z.string() }), output }),
  head: endpoint('HEAD /x', { output: z.void() }),
  post: endpoint('POST /x', { output }),
  twice: protectedProcedure.query(async ({ ctx }) => [
    await ctx.upstream.get('/x', { output }),
    await ctx.upstream.get('/x', { output }),
  ]),
  atOnce: protectedProcedure.query(({ ctx }) =>
    Promise.all([
      ctx.upstream.get('/x', { output }),
      ctx.upstream.get('/{name}', { params: { name: 'x' }, output }),
    ]),
  ),
  streams: publicProcedure.query(async ({ ctx }) => {
    for (const _ of [1, 2]) (await ctx.upstream.stream('/x', {})).body.resume();
  }),
  optionalAgain: optionalProcedure.query(({ ctx }) => ctx.upstream.get('/x', { output })),
});
const callerOf = createCallerFactory(endpoints);
let context: Context;
const calls = (signal?: AbortSignal) => callerOf(context, signal && { signal });

beforeEach(() => {
  context = createContext({ headers: alice });
  api.answering(json({ rows: [1, 2] }));
});

describe('A3 identical GETs of one request are sent once', () => {
  test('at the same time, and after the answer; each validates it by its own output', async () => {
    const [ten, wrong] = await Promise.allSettled([
      Promise.all(Array.from({ length: 10 }, () => calls().get())),
      calls().wrong(),
    ]);
    expect(ten).toMatchObject({ status: 'fulfilled' });
    expect(wrong).toMatchObject({ status: 'rejected', reason: { code: 'BAD_GATEWAY' } });
    expect(await calls().same()).toEqual({ rows: [1, 2] });
    expect(await calls().atOnce()).toEqual([{ rows: [1, 2] }, { rows: [1, 2] }]);
    expect(api.lines).toEqual(['GET /x']);
    expect(context.upstreamCalls.count).toBe(1);
  });

  test('and no caller gets an answer that another one can change', async () => {
    const [one, other] = [await calls().get(), await calls().get()];
    expect(one).toEqual(other);
    expect(one).not.toBe(other);
    expect(api.lines).toHaveLength(1);
  });

  test('and with a token that was rejected renewed once', async () => {
    await upstream.control('reset');
    api.answering(status(401), json({ rows: [] }));
    await Promise.all(Array.from({ length: 10 }, () => calls().get()));
    expect(api.lines).toHaveLength(2);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1 });
  });
});

describe('A3 calls that differ are not shared', () => {
  test('by the query, a header, the method, the verdict, or the request', async () => {
    await calls().get();
    await calls().asking({ q: 'a' });
    await calls().asking({ q: 'b' });
    await calls().accepting();
    await calls().judging();
    await calls().head();
    await callerOf(createContext({ headers: alice })).get();
    expect(api.lines).toHaveLength(7);
  });

  test('by being public, optional or protected', async () => {
    await Promise.all([calls().get(), calls().public(), calls().optional()]);
    await Promise.all([calls().get(), calls().public(), calls().optional(), calls().optionalAgain()]);
    expect(api.lines).toHaveLength(3);
  });

  test('and streams never are', async () => {
    await calls().streams();
    expect(api.lines).toHaveLength(2);
  });
});

describe('A3 an answer is not shared any more', () => {
  test('after a mutation, also one that failed', async () => {
    await calls().get();
    await calls().post();
    await calls().get();
    api.answering(status(500), json(null));
    await expect(calls().post()).rejects.toThrow();
    await calls().get();
    expect(api.lines).toEqual(['POST /x', 'GET /x']);
  });

  test('when a mutation was in flight at the same time', async () => {
    const { listener, held, release } = holding();
    api.answering(listener);
    const early = calls().get();
    await expect.poll(() => held.length).toBe(1);
    const mutation = calls().post();
    await expect.poll(() => held.length).toBe(2);
    const within = calls().get();
    await expect.poll(() => held.length).toBe(3);
    held.splice(1, 1)[0]?.writeHead(204).end();
    await mutation.catch(() => {});
    const late = calls().get();
    await expect.poll(() => held.length).toBe(3);
    release();
    await Promise.all([early, within, late]);
    expect(api.lines).toEqual(['GET /x', 'POST /x', 'GET /x', 'GET /x']);
  });

  test('when it was a failure', async () => {
    api.answering(status(404), json('there now'));
    await expect(calls().get()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await calls().get()).toBe('there now');
  });

  test('when it did not accept the token, whatever its status', async () => {
    api.answering(json({ isForbidden: true }), json({ isForbidden: false }));
    await expect(calls().forbidding()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await calls().forbidding()).toEqual({ isForbidden: false });
  });

  test('with the procedure call that had it, when that calls again', async () => {
    api.answering(json('old'), json('new'));
    expect(await calls().twice()).toEqual(['old', 'new']);
    expect(await calls().get()).toBe('new');
    expect(api.lines).toHaveLength(2);
  });

  test('after limits.dedupeMs', async () => {
    api.answering(json('old'), json('new'));
    await expect.poll(() => calls().get(), { timeout: 5_000 }).toBe('new');
    expect(api.lines).toHaveLength(2);
  });
});

describe('A10 a call with several callers', () => {
  test('goes on while one of them waits, and is aborted with the last', async () => {
    const { listener, held, release } = holding();
    api.answering(listener);
    const [first, second] = [new AbortController(), new AbortController()];
    const [leaving, staying] = [calls(first.signal).get(), calls(second.signal).get()];
    await expect.poll(() => held.length).toBe(1);
    first.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    await expect(calls(first.signal).get()).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    release('answered');
    expect(await staying).toBe('answered');
    expect(api.givenUp).toEqual([]);

    context = createContext({ headers: alice });
    const third = new AbortController();
    const [alsoLeaving, unlucky] = [calls(third.signal).once(), calls().once()];
    await expect.poll(() => held.length).toBe(1);
    third.abort();
    await expect(alsoLeaving).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    held.splice(0)[0]?.destroy();
    await expect(unlucky).rejects.toMatchObject({ code: 'BAD_GATEWAY' });
    api.givenUp.length = 0;

    context = createContext({ headers: alice });
    const leavers = [new AbortController(), new AbortController()];
    const gone = leavers.map(({ signal }) => calls(signal).get());
    await expect.poll(() => held.length).toBe(1);
    for (const leaver of leavers) leaver.abort();
    for (const { status, reason } of (await Promise.allSettled(gone)) as PromiseRejectedResult[])
      expect([status, reason.code]).toEqual(['rejected', 'CLIENT_CLOSED_REQUEST']);
    await expect.poll(() => api.givenUp).toEqual(['GET /x']);
    held.length = 0;
    const anew = calls().get();
    await expect.poll(() => held.length).toBe(1);
    release('anew');
    expect(await anew).toBe('anew');
  });
});
