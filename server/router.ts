import { attachmentsRouter } from './routers/attachments';
import { notesRouter } from './routers/notes';
import { sessionRouter } from './routers/session';
import { router } from './trpc';

/** The map: one line a router. Add yours in `server/routers/` and name it here. */
export const appRouter = router({
  session: sessionRouter,
  notes: notesRouter,
  attachments: attachmentsRouter,
});

export type AppRouter = typeof appRouter;
