import type { Metadata } from 'next';
import { caller, HydrateClient, prefetch } from '@/trpc/server';
import { NotesList } from '../notes/notes-list';
import { Board } from './board';

export const metadata: Metadata = { title: 'Board' };

/** Many queries on one page: the browser sends what it asks for at once as one request. */
export default async function BoardPage() {
  prefetch.notes.list.infinite({ limit: 10 });
  const { items } = await caller.notes.list({ limit: 6 });
  for (const { id } of items) prefetch.notes.byId({ id });
  return (
    <HydrateClient>
      <Board ids={items.map(({ id }) => id)} />
      <h2>All notes</h2>
      <NotesList />
    </HydrateClient>
  );
}
