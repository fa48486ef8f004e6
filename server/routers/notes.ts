import { resumable } from 'next-trpc-bff/server';
import { z } from 'zod';
import { endpoint, protectedProcedure, router } from '../trpc';

const id = z.string().min(1).max(64);
const title = z
  .string()
  .trim()
  .min(1, 'A note needs a title.')
  .max(200, 'A title has at most 200 characters.');
const body = z.string().max(10_000, 'A note has at most 10,000 characters.');
const note = z.object({ id: z.string(), title: z.string(), body: z.string(), updatedAt: z.iso.datetime() });
const page = z.object({ items: z.array(note), nextCursor: z.string().nullable() });
const range = z.object({
  cursor: z.string().max(200).nullish(),
  limit: z.number().int().min(1).max(100).optional(),
});

const change = z.discriminatedUnion('type', [
  z.object({ type: z.literal(['created', 'updated']), note }),
  z.object({ type: z.literal('removed'), id: z.string() }),
]);

export const notesRouter = router({
  list: endpoint('GET /notes', { input: range, output: page }),
  byId: endpoint('GET /notes/{id}', { input: z.object({ id }), output: note }),
  create: endpoint('POST /notes', {
    input: z.object({ title, body: body.default('') }),
    output: note,
    invalidates: ['notes'],
  }),
  update: endpoint('PATCH /notes/{id}', {
    input: z.object({ id, title: title.optional(), body: body.optional() }),
    output: note,
    invalidates: ['notes'],
  }),
  remove: endpoint('DELETE /notes/{id}', {
    input: z.object({ id }),
    output: z.void(),
    invalidates: ['notes'],
  }),
  /** What happens to the user's notes, as it happens. */
  changes: protectedProcedure
    .input(resumable.optional())
    .subscription(({ ctx, input }) =>
      ctx.upstream.events('/notes/events', { output: change, lastEventId: input?.lastEventId }),
    ),
});
