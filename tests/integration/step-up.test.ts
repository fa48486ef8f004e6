import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { download } from '../../packages/next-trpc-bff/src/files/download';
import { createTRPCHandler } from '../../packages/next-trpc-bff/src/procedures/handler';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory, endpoint, protectedProcedure, router } from '../../server/trpc';
import { readEvents } from '../support/event-stream';
import { json, scriptedApi, status } from '../support/scripted-api';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const api = await scriptedApi();
const upstream = await startUpstream({ UPSTREAM_URL: api.origin });
const alice = await signIn(upstream, 'alice');
const output = z.unknown();

const endpoints = router({
  get: endpoint('GET /x', { output }),
  post: endpoint('POST /x', { output }),
  optional: endpoint('GET /x', { output, access: 'optional' }),
  upload: protectedProcedure.mutation(({ ctx }) =>
    ctx.upstream.post('/x', { body: Readable.from(['bytes']), output }),
  ),
  changes: protectedProcedure.subscription(({ ctx }) => ctx.upstream.events('/x', { output: z.string() })),
});
const serveTRPC = createTRPCHandler(endpoints);
const caller = () => createCallerFactory(endpoints)(createContext({ headers: alice }));

const ASKS = {
  'a stronger sign-in': {
    challenge:
      'Bearer error="insufficient_user_authentication", error_description="For admins.", acr_values="urn:loa:3", max_age="300"',
    stepUp: {
      error: 'insufficient_user_authentication',
      acrValues: ['urn:loa:3'],
      maxAge: 300,
      scope: [],
      claims: null,
    },
  },
  'more scope': {
    challenge: 'Bearer error="insufficient_scope", scope="notes:admin", error_description="For admins."',
    stepUp: {
      error: 'insufficient_scope',
      acrValues: [],
      maxAge: null,
      scope: ['notes:admin'],
      claims: null,
    },
  },
};

beforeEach(() => upstream.control('reset'));

/** The session is as it was, and the API was asked once for each call. */
async function expectKept(lines: readonly string[]): Promise<void> {
  expect(api.lines).toEqual(lines);
  expect((await sessionState(alice)).status).toBe('live');
  expect(await upstream.counters()).toMatchObject({ tokenRequests: 0, refreshes: 0 });
}

describe.each(Object.entries(ASKS))('B18 a 401 that asks for %s', (_, { challenge, stepUp }) => {
  beforeEach(() =>
    api.answering(json({ message: 'Unauthenticated.' }, 401, { 'www-authenticate': challenge })),
  );
  const forbidden = { code: 'FORBIDDEN', stepUp, failure: { status: 401 } };

  test.each(['get', 'post', 'optional', 'upload'] as const)('is FORBIDDEN for %s', async (name) => {
    await expect(caller()[name]()).rejects.toMatchObject(forbidden);
    await expectKept([name === 'get' || name === 'optional' ? 'GET /x' : 'POST /x']);
  });

  test('is FORBIDDEN in a batch over HTTP, with what the API named and nothing of its text', async () => {
    const response = await serveTRPC(
      new Request(`${APP_ORIGIN}/api/trpc/get,session?batch=1&input={}`, { headers: alice }),
    );
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject([
      { error: { message: `GET /x answered 401: ${stepUp.error}`, data: { code: 'FORBIDDEN', stepUp } } },
      { error: { data: { code: 'NOT_FOUND', stepUp: null } } },
    ]);
    expect(text).not.toContain('For admins');
    expect(response.headers.get('www-authenticate')).toBeNull();
    await expectKept(['GET /x']);
  });

  test('ends a subscription with FORBIDDEN, and is not asked again', async () => {
    const response = await serveTRPC(new Request(`${APP_ORIGIN}/api/trpc/changes`, { headers: alice }));
    const stream = readEvents(response);
    await stream.ended;
    const failures = stream.events.filter(({ event }) => event === 'serialized-error');
    expect(failures.map(({ data }) => JSON.parse(data))).toMatchObject([
      { data: { code: 'FORBIDDEN', stepUp } },
    ]);
    await expectKept(['GET /x']);
  });

  test.each(['document', 'empty'])(
    'is 403 for a download that goes to %s, without a redirect',
    async (to) => {
      const headers = new Headers(alice);
      headers.set('sec-fetch-dest', to);
      const response = await download(new Request(`${APP_ORIGIN}/file`, { headers }), '/x', {});
      expect([response.status, response.headers.get('location')]).toEqual([403, null]);
      await expectKept(['GET /x']);
    },
  );

  test('is FORBIDDEN after a token that had to be renewed, and the session goes on with the new one', async () => {
    const bob = await signIn(upstream, 'bob');
    await upstream.control('reset');
    api.answering(
      status(401, { 'www-authenticate': 'Bearer error="invalid_token"' }),
      status(401, { 'www-authenticate': challenge }),
    );
    const asBob = createCallerFactory(endpoints)(createContext({ headers: bob }));
    await expect(asBob.get()).rejects.toMatchObject(forbidden);
    expect(api.lines).toEqual(['GET /x', 'GET /x']);
    expect((await sessionState(bob)).status).toBe('live');
    expect(await upstream.counters()).toMatchObject({ refreshes: 1 });
  });
});

test('B18 a 403 names what it asks for as well, and any other 403 nothing', async () => {
  const { challenge, stepUp } = ASKS['more scope'];
  api.answering(status(403, { 'www-authenticate': challenge }));
  await expect(caller().get()).rejects.toMatchObject({ code: 'FORBIDDEN', stepUp });
  api.answering(status(403));
  await expect(caller().get()).rejects.toMatchObject({ code: 'FORBIDDEN', stepUp: null });
});
