'use client';

import { trpc } from '@/trpc/client';

/** One note; the server prefetches it. */
export function NoteCard({ id }: { id: string }) {
  const [note] = trpc.notes.byId.useSuspenseQuery({ id });
  return (
    <article>
      <h3>{note.title}</h3>
      <p>{note.body}</p>
    </article>
  );
}
