// The map: one line a router. Add yours in `server/routers/` and name it here. Re-exports, so that an editor reads
// only those routers that a file calls, however many there are.
export { attachmentsRouter as attachments } from './routers/attachments';
export { notesRouter as notes } from './routers/notes';
export { sessionRouter as session } from 'next-trpc-bff/server';
