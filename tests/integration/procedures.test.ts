import { getTRPCErrorShape as getErrorShape, TRPCError } from '@trpc/server';
import { beforeEach, describe, expect, test } from 'vitest';
import * as mini from 'zod/mini';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory, publicProcedure, router } from '../../server/trpc';
import { browserHeaders } from '../support/browser-headers';
import { serveTRPC } from '../support/serve-trpc';
import { signIn, startUpstream } from '../support/signed-in';
import { watchStoreOperations } from '../support/store-operations';
import { teamRouter } from '../support/team-router';

const upstream = await startUpstream();

const callerFor = (headers: Headers) => createCallerFactory(teamRouter)(createContext({ headers }));
const anonymous = browserHeaders();

const shapeOf = (error: TRPCError) =>
  getErrorShape({
    config: teamRouter._def._config,
    error,
    type: 'query',
    path: 'it',
    input: undefined,
    ctx: undefined,
  });

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('A4 a public procedure', () => {
  test('works signed out', async () => {
    expect(await callerFor(anonymous).message()).toEqual({ message: expect.any(String) });
  });

  test('never sends a token, and an upstream 401 is BAD_GATEWAY and logs no user out', async () => {
    const alice = await signIn(upstream, 'alice');
    await expect(callerFor(alice).secretsWithoutToken()).rejects.toMatchObject({
      code: 'BAD_GATEWAY',
      message: 'GET /notes answered 401',
    });
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('works in a batch where others fail', async () => {
    const response = await serveTRPC(
      new Request(
        'http://localhost:3000/api/trpc/session.current,notes.list?batch=1&input=%7B%221%22%3A%7B%7D%7D',
        { headers: anonymous },
      ),
    );
    expect(response.status).toBe(207);
    expect(await response.json()).toMatchObject([
      { result: { data: null } },
      { error: { data: { code: 'UNAUTHORIZED' } } },
    ]);
  });
});

describe('B13 what says "unauthenticated" is a predicate', () => {
  test.each([
    [{ status: 401 }],
    [{ status: 419 }],
    [{ status: 200, message: 'Unauthenticated.' }],
    [{ status: 403, message: 'Unauthenticated.' }],
  ])('%j ends the session', async (api) => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('knobs', { api });
    await expect(callerFor(alice).notes()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'upstream-401' });
  });

  test.each([
    [{ status: 403 }, 'FORBIDDEN'],
    [{ status: 403, message: 'Not yours.' }, 'FORBIDDEN'],
    [{ status: 500, message: 'Unauthenticated.' }, 'BAD_GATEWAY'],
  ] as const)('%j does not end the session, and never refreshes', async (api, code) => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('knobs', { api });
    await expect(callerFor(alice).notes()).rejects.toMatchObject({ code });
    expect((await sessionState(alice)).status).toBe('live');
    expect(await upstream.counters()).toMatchObject({ refreshes: 0 });
  });

  test('the same words inside a note do not', async () => {
    const { appRouter } = await import('../../server/router');
    const alice = await signIn(upstream, 'alice');
    const caller = createCallerFactory(appRouter)(createContext({ headers: alice }));
    const { id } = await caller.notes.create({ title: 'Unauthenticated.', body: 'Unauthenticated.' });
    expect(await caller.notes.byId({ id })).toMatchObject({ title: 'Unauthenticated.' });
    expect((await sessionState(alice)).status).toBe('live');
  });
});

describe('B14 the invariant: UNAUTHORIZED leaves only when the session has ended', () => {
  test('a developer’s own UNAUTHORIZED becomes FORBIDDEN while the session lives', async () => {
    const alice = await signIn(upstream, 'alice');
    await expect(callerFor(alice).ownRule()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'Only on weekdays.',
    });
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('an end that cannot be written becomes SERVICE_UNAVAILABLE', async () => {
    const alice = await signIn(upstream, 'alice');
    await upstream.control('knobs', { api: { status: 401 } });
    const operator = openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '');
    operator.exec(
      `CREATE TRIGGER no_end BEFORE UPDATE OF ended_at ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
    await expect(callerFor(alice).notes()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    operator.exec('DROP TRIGGER no_end');
    expect((await sessionState(alice)).status).toBe('live');
    await expect(callerFor(alice).notes()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('a store that does not answer is SERVICE_UNAVAILABLE for protected and optional procedures, and does not affect public ones', async () => {
    const alice = await signIn(upstream, 'alice');
    const operator = openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '');
    operator.exec('ALTER TABLE sessions RENAME TO gone');
    await expect(callerFor(alice).notes()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(callerFor(alice).greeting()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(callerFor(alice).message()).resolves.toBeDefined();
    operator.exec('ALTER TABLE gone RENAME TO sessions');
    await expect(callerFor(alice).notes()).resolves.toBeDefined();
  });
});

test('T11 a streamed body that cannot be repeated is not sent twice, and the error names the reason', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('expire', { user: 'alice' });
  await expect(callerFor(alice).upload()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: expect.stringContaining('send it again'),
  });
  expect(await upstream.counters()).toMatchObject({ apiRequests: 1, refreshes: 1 });
  expect((await sessionState(alice)).status).toBe('live');
});

test('A8 an answer of another shape is BAD_GATEWAY naming the field', async () => {
  const alice = await signIn(upstream, 'alice');
  await expect(callerFor(alice).wrongShape()).rejects.toMatchObject({
    code: 'BAD_GATEWAY',
    message: 'GET /notes answered another shape than expected: items.0.price',
  });
});

test('A1 a schema of zod/mini has field errors, too', async () => {
  const minis = router({
    save: publicProcedure.input(mini.object({ title: mini.string() })).mutation(() => null),
  });
  const error = await createCallerFactory(minis)(createContext({ headers: anonymous }))
    .save({ title: JSON.parse('7') })
    .catch((cause: unknown) => cause);
  if (!(error instanceof TRPCError)) throw error;
  expect(shapeOf(error)).toMatchObject({
    message: 'The input is not valid.',
    data: { code: 'BAD_REQUEST', input: { title: [expect.any(String)] } },
  });
});

test('A8 an answer of another shape is not reported as invalid input', async () => {
  const alice = await signIn(upstream, 'alice');
  const error = await callerFor(alice)
    .wrongShape()
    .catch((cause: unknown) => cause);
  if (!(error instanceof TRPCError)) throw error;
  const shape = shapeOf(error);
  expect(shape).toMatchObject({
    message: expect.stringContaining('on our side'),
    data: { code: 'BAD_GATEWAY', input: null },
  });
  expect(JSON.stringify(shape)).not.toContain('price');
});

test('A9 field errors of a 422 are in the error’s data', async () => {
  const alice = await signIn(upstream, 'alice');
  await expect(callerFor(alice).draft()).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    failure: { status: 422, fieldErrors: { title: [expect.any(String)] } },
  });
});

test('A3 ten calls in one request read the session once and write nothing', async () => {
  const alice = await signIn(upstream, 'alice');
  const operations = watchStoreOperations();
  const caller = callerFor(alice);
  await Promise.all(Array.from({ length: 10 }, () => caller.notes()));
  expect(operations).toEqual(['read']);
});

test('a public procedure does not read the session', async () => {
  const operations = watchStoreOperations();
  await callerFor(await signIn(upstream, 'alice')).message();
  expect(operations.filter((name) => name === 'read')).toEqual([]);
});
