import { z } from 'zod';
import { protectedProcedure, router } from '../trpc';

const id = z.string().min(1).max(64);
const title = z
  .string()
  .trim()
  .min(1, 'A note needs a title.')
  .max(200, 'A title has at most 200 characters.');
const body = z.string().max(10_000, 'A note has at most 10,000 characters.');
const note = z.object({ id: z.string(), title: z.string(), body: z.string(), updatedAt: z.iso.datetime() });
const page = z.object({ items: z.array(note), nextCursor: z.string().nullable() });

export const notesRouter = router({
  list: protectedProcedure
    .input(
      z.object({ cursor: z.string().max(200).nullish(), limit: z.number().int().min(1).max(100).optional() }),
    )
    .query(({ ctx, input }) => ctx.upstream.get('/notes', { query: input, output: page })),

  byId: protectedProcedure
    .input(z.object({ id }))
    .query(({ ctx, input }) => ctx.upstream.get('/notes/{id}', { params: input, output: note })),

  create: protectedProcedure
    .input(z.object({ title, body: body.default('') }))
    .mutation(({ ctx, input }) => ctx.upstream.post('/notes', { body: input, output: note })),

  update: protectedProcedure
    .input(z.object({ id, title: title.optional(), body: body.optional() }))
    .mutation(({ ctx, input: { id, ...changes } }) =>
      ctx.upstream.patch('/notes/{id}', { params: { id }, body: changes, output: note }),
    ),

  remove: protectedProcedure
    .input(z.object({ id }))
    .mutation(({ ctx, input }) => ctx.upstream.delete('/notes/{id}', { params: input, output: z.void() })),
});
