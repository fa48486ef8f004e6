import type { Metadata } from 'next';
import { HydrateClient, prefetch } from '@/trpc/server';
import { NotesList } from './notes-list';

export const metadata: Metadata = { title: 'Notes' };

/** Without a Suspense boundary the first page of notes is in the HTML, for readers without JavaScript too. */
export default function NotesPage() {
  prefetch.notes.list.infinite({ limit: 10 });
  return (
    <>
      <h1>Notes</h1>
      <HydrateClient>
        <NotesList />
      </HydrateClient>
    </>
  );
}
