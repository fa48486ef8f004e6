import { caller, HydrateClient, prefetch } from '@/trpc/server';
import { NoteCard } from '../note-card';

/** The newest note. The page prefetches it too, and it is fetched once all the same. */
export default async function NewestNote() {
  const [newest] = (await caller.notes.list({ limit: 1 })).items;
  if (!newest) return null;
  prefetch.notes.byId({ id: newest.id });
  return (
    <HydrateClient>
      <NoteCard id={newest.id} />
    </HydrateClient>
  );
}
