import { EventEmitter, on } from 'node:events';
import type { RequestListener } from 'node:http';
import { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { type Logger, pino } from 'pino';
import { request } from 'undici';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { onePerProcess } from '../../packages/next-trpc-bff/src/runtime/process';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory, protectedProcedure, router } from '../../server/trpc';
import { freePort } from '../support/free-port';
import { broken, holding, json, scriptedApi } from '../support/scripted-api';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const lines: Record<string, unknown>[] = [];
onePerProcess('log', (): Logger => pino({}, { write: (line) => void lines.push(JSON.parse(line)) }));

const api = await scriptedApi();
const upstream = await startUpstream({ UPSTREAM_URL: api.origin });
const alice = await signIn(upstream, 'alice');
const closedPort = await freePort();
const SECRET = 'secret words';

const open = new EventEmitter();
type Throws = (
  ctx: Pick<Parameters<Parameters<typeof protectedProcedure.query>[0]>[0]['ctx'], 'upstream'>,
) => Promise<unknown>;

const thrown: Record<string, [Throws, TRPCError['code'], message?: string]> = {
  'undici, of a connection that broke': [() => request(api.origin), 'BAD_GATEWAY'],
  'undici, of one that was refused': [() => request(`http://127.0.0.1:${closedPort}`), 'SERVICE_UNAVAILABLE'],
  'undici, of no answer in time': [
    () => request(`${api.origin}/hangs`, { headersTimeout: 50 }),
    'GATEWAY_TIMEOUT',
  ],
  'fetch, of a connection that broke': [() => fetch(api.origin), 'BAD_GATEWAY'],
  'fetch, of no answer in time': [
    () => fetch(`${api.origin}/hangs`, { signal: AbortSignal.timeout(50) }),
    'GATEWAY_TIMEOUT',
  ],
  'an abort that was not the caller’s': [
    () => fetch(api.origin, { signal: AbortSignal.abort() }),
    'BAD_GATEWAY',
  ],
  'the body of a stream that broke': [
    async ({ upstream }) => {
      for await (const _ of (await upstream.stream('/breaks', {})).body);
    },
    'BAD_GATEWAY',
  ],
  'a schema, at an answer': [
    async ({ upstream }) =>
      z.object({ price: z.number() }).parse(await upstream.get('/fine', { output: z.unknown() })),
    'BAD_GATEWAY',
  ],
  'a mistake in the procedure': [() => Promise.reject(new Error(SECRET)), 'INTERNAL_SERVER_ERROR'],
  'what is no error at all': [() => Promise.reject(SECRET), 'INTERNAL_SERVER_ERROR'],
  'an error of its own': [
    () => Promise.reject(new TRPCError({ code: 'CONFLICT', message: 'Twice.', cause: new Error(SECRET) })),
    'CONFLICT',
    'Twice.',
  ],
  'UNAUTHORIZED while the session lives': [
    () => Promise.reject(new TRPCError({ code: 'UNAUTHORIZED', message: 'Not on Sundays.' })),
    'FORBIDDEN',
    'Not on Sundays.',
  ],
};
const ANSWERS: Record<string, RequestListener> = {
  '/limited': json({ message: SECRET }, 429, { 'retry-after': '3600' }),
  '/invalid': json({ message: SECRET, errors: { title: ['Too long.'] } }, 422),
  '/forbidden': json({ message: SECRET, errors: { title: [SECRET] } }, 403),
  '/failing': json({ message: SECRET, errors: { title: [SECRET] } }, 500),
  '/moved': json({ message: SECRET }, 302, { location: `/${SECRET}` }),
};
const kind = z.string();
const throwsOf = (name: string): Throws => thrown[name]?.[0] ?? (() => Promise.reject(new Error(name)));

const procedures = router({
  query: protectedProcedure.input(kind).query(({ ctx, input }) => throwsOf(input)(ctx)),
  asks: protectedProcedure
    .input(kind)
    .query(({ ctx, input }) => ctx.upstream.get(`/${input}`, { output: z.unknown() })),
  nested: protectedProcedure.input(kind).query(({ ctx, input }) => ({ later: throwsOf(input)(ctx) })),
  subscription: protectedProcedure.input(kind).subscription(async function* ({ ctx, input }) {
    yield 'first';
    yield await throwsOf(input)(ctx);
  }),
  counts: protectedProcedure.subscription(async function* ({ ctx }) {
    for (const id of [1, 2])
      yield await ctx.upstream.get('/fine/{id}', { params: { id }, output: z.unknown() });
  }),
  waits: protectedProcedure.subscription(() => on(open, 'never')),
  passesOn: protectedProcedure.subscription(async function* ({ ctx }) {
    for await (const piece of (await ctx.upstream.stream('/live', {})).body) yield String(piece);
  }),
});

const callFor = (path: string, init: RequestInit = {}) =>
  fetchRequestHandler({
    endpoint: '/api/trpc',
    req: new Request(`${APP_ORIGIN}/api/trpc/${path}`, {
      ...init,
      headers: { ...Object.fromEntries(alice), ...init.headers },
    }),
    router: procedures,
    createContext: ({ req }) => createContext({ headers: alice, signal: req.signal }),
  });
const inputOf = (name: string) => `input=${encodeURIComponent(JSON.stringify(name))}`;

/** The events of a stream, by name. */
async function eventsOf(response: Response): Promise<[name: string, data: unknown][]> {
  const events = (await response.text()).split('\n\n').filter((event) => event.includes('data: '));
  return events.map((event) => [
    /^event: (.*)$/m.exec(event)?.[1] ?? 'message',
    JSON.parse(/^data: (.*)$/m.exec(event)?.[1] || 'null'),
  ]);
}

beforeEach(() => {
  lines.length = 0;
  const { listener } = holding();
  api.answering((incoming, response) => {
    const known = ANSWERS[incoming.url ?? ''];
    if (known) known(incoming, response);
    else if (incoming.url === '/hangs' || incoming.url === '/live') listener(incoming, response);
    else if (incoming.url?.startsWith('/fine')) json({ price: SECRET })(incoming, response);
    else if (incoming.url === '/breaks') response.writeHead(200).write(SECRET, () => response.destroy());
    else broken(incoming);
  });
});

describe('A9 an error that a procedure throws gets a code and a request id, and its text is masked', () => {
  const masked = (code: TRPCError['code'], message = expect.stringContaining('on our side')) => ({
    message,
    data: { code, requestId: expect.stringMatching(/^[\w-]{36}$/) },
  });

  test.each(Object.entries(thrown))('%s', async (name, [_, code, message]) => {
    const response = await callFor(`query?${inputOf(name)}`);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: masked(code, message) });
    expect(text).not.toContain(SECRET);
    expect(lines.at(-1)).toMatchObject({ event: 'procedure', path: 'query', code });
  });

  test.each(Object.entries(thrown))('%s, while an output streams', async (name, [_, code, message]) => {
    const events = await eventsOf(await callFor(`subscription?${inputOf(name)}`));
    expect(events.map(([event]) => event)).toEqual(['connected', 'message', 'serialized-error']);
    expect(events[2]?.[1]).toMatchObject(masked(code, message));
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(lines.at(-1)).toMatchObject({ event: 'procedure', path: 'subscription', code });
    expect((await sessionState(alice)).status).toBe('live');
  });

  test.each([
    ['limited', 'TOO_MANY_REQUESTS', { status: 429, fieldErrors: null, retryAfter: '3600' }],
    ['invalid', 'BAD_REQUEST', { status: 422, fieldErrors: { title: ['Too long.'] }, retryAfter: null }],
    ['forbidden', 'FORBIDDEN', { status: 403, fieldErrors: null, retryAfter: null }],
    ['failing', 'BAD_GATEWAY', { status: 500, fieldErrors: null, retryAfter: null }],
    ['moved', 'BAD_GATEWAY', { status: 302, fieldErrors: null, retryAfter: null }],
  ])('of an answer that is %s the status, field errors and Retry-After', async (name, code, failure) => {
    const text = await (await callFor(`asks?${inputOf(name)}`)).text();
    const { error } = JSON.parse(text);
    expect(error.data).toMatchObject({ code, upstream: failure, requestId: expect.any(String) });
    expect(error.message).toMatch(error.data.httpStatus < 500 ? /^GET \/\w+ answered \d+$/ : 'on our side');
    expect(text).not.toContain(SECRET);
  });

  test('an error that is thrown after the rest of an answer was sent', async () => {
    const headers = { 'trpc-accept': 'application/jsonl' };
    const batch = `input=${encodeURIComponent(JSON.stringify({ 0: 'a mistake in the procedure' }))}`;
    const response = await callFor(`nested?batch=1&${batch}`, { headers });
    const text = await response.text();
    expect(text).toContain('INTERNAL_SERVER_ERROR');
    expect(text).toContain('on our side');
    expect(text).not.toContain(SECRET);
  });
});

describe('A7 a streamed output', () => {
  test('is logged when it ends, with the number of its upstream calls', async () => {
    const events = await eventsOf(await callFor('counts'));
    expect(events.map(([event]) => event)).toEqual(['connected', 'message', 'message', 'return']);
    expect(lines).toMatchObject([{ event: 'procedure', path: 'counts', code: 'OK', upstreamCalls: 2 }]);
  });

  test('ends while it waits for ever', async () => {
    const caller = createCallerFactory(procedures)(createContext({ headers: alice }));
    const events = (await caller.waits())[Symbol.asyncIterator]();
    const waiting = events.next();
    await events.return?.();
    expect(await waiting).toMatchObject({ done: true });
    expect(lines).toMatchObject([{ path: 'waits', code: 'OK' }]);
  });

  test('A10 aborts its upstream stream when the caller goes away', async () => {
    const { listener, held } = holding();
    api.answering(listener);
    const left = new AbortController();
    const response = await callFor('passesOn', { signal: left.signal });
    const reader = response.body?.getReader();
    await expect.poll(() => held.length).toBe(1);
    held[0]?.writeHead(200).write('live');
    await reader?.read();
    left.abort();
    await expect.poll(() => api.givenUp).toEqual(['GET /live']);
    await expect.poll(() => lines).toMatchObject([{ path: 'passesOn', code: 'CLIENT_CLOSED_REQUEST' }]);
    await reader?.cancel();
  });
});
