import { Readable } from 'node:stream';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { optionalProcedure, protectedProcedure, publicProcedure, router } from '../../server/trpc';

const anything = z.unknown();

/** What a team might write beside the demo's routers. */
export const teamRouter = router({
  message: publicProcedure.query(({ ctx }) =>
    ctx.upstream.get('/public/motd', { output: z.object({ message: z.string() }) }),
  ),
  secretsWithoutToken: publicProcedure.query(({ ctx }) => ctx.upstream.get('/notes', { output: anything })),
  greeting: optionalProcedure.query(async ({ ctx }) => {
    await ctx.upstream.get('/public/motd', { output: anything });
    return ctx.user?.name ?? 'stranger';
  }),
  mine: optionalProcedure.query(({ ctx }) =>
    ctx.upstream.get('/me', { output: z.object({ sub: z.string() }) }),
  ),
  notes: protectedProcedure.query(({ ctx }) => ctx.upstream.get('/notes', { output: anything })),
  upload: protectedProcedure.mutation(({ ctx }) =>
    ctx.upstream.post('/notes', { body: Readable.from(['{}']), output: anything }),
  ),
  draft: protectedProcedure.mutation(({ ctx }) =>
    ctx.upstream.post('/notes', { body: { title: '' }, output: anything }),
  ),
  ownRule: protectedProcedure.query(() => {
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Only on weekdays.' });
  }),
  wrongShape: protectedProcedure.query(({ ctx }) =>
    ctx.upstream.get('/notes', { output: z.object({ items: z.array(z.object({ price: z.number() })) }) }),
  ),
});
