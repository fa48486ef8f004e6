import { initTRPC, TRPCError } from '@trpc/server';
import {
  type Context,
  createContext,
  createEndpoint,
  type ProcedureMeta,
  procedures,
  sessionRouter,
  trpcOptions,
} from 'next-trpc-bff/server';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream();

const t = initTRPC.context<Context>().meta<ProcedureMeta>().create(trpcOptions);
const publicProcedure = t.procedure.concat(procedures.public);
const forBob = t.procedure.concat(procedures.protected).use(({ ctx, next }) => {
  if (ctx.user.id !== 'bob') throw new TRPCError({ code: 'FORBIDDEN', message: 'For bob only.' });
  return next({ ctx: { greeting: `Hello ${ctx.user.id}` } });
});
const endpoint = createEndpoint({
  public: publicProcedure,
  optional: t.procedure.concat(procedures.optional),
  protected: forBob,
});
const router = t.router({
  session: sessionRouter,
  notes: endpoint('GET /notes', { output: z.object({ items: z.array(z.object({ id: z.string() })) }) }),
  motd: endpoint('GET /public/motd', { access: 'public', output: z.object({ message: z.string() }) }),
  greeting: forBob.query(({ ctx }) => ctx.greeting),
});

const callerOf = async (user: 'alice' | 'bob') =>
  router.createCaller(createContext({ headers: await signIn(upstream, user) }));

test("A5 middleware of the application's own holds for endpoints of its kind, before the API is asked", async () => {
  const alice = await callerOf('alice');
  await expect(alice.greeting()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const before = await upstream.counters();
  await expect(alice.notes()).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'For bob only.' });
  expect(await upstream.counters()).toEqual(before);
  expect(await alice.motd()).toHaveProperty('message');

  const bob = await callerOf('bob');
  expect(await bob.greeting()).toBe('Hello bob');
  expect((await bob.notes()).items).not.toEqual([]);
});
