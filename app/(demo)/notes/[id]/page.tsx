import { TRPCError } from '@trpc/server';
import type { Metadata } from 'next';
import { notFound, unstable_rethrow } from 'next/navigation';
import { cache } from 'react';
import { caller, HydrateClient, prefetch } from '@/trpc/server';
import { Attachments } from './attachments';
import { NoteEditor } from './note-editor';

interface Props {
  params: Promise<{ id: string }>;
}

interface PageParams extends Props {
  searchParams: Promise<{ refused?: string | string[] }>;
}

const noteBy = cache(async (id: string) => {
  try {
    return await caller.notes.byId({ id });
  } catch (error) {
    // A redirect is an error too: without this line it would end here, and with it the way to /logout.
    unstable_rethrow(error);
    if (error instanceof TRPCError && error.code === 'NOT_FOUND') notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await noteBy((await params).id)).title };
}

export default async function NotePage({ params, searchParams }: PageParams) {
  const note = await noteBy((await params).id);
  const { refused } = await searchParams;
  prefetch.attachments.list({ noteId: note.id });
  return (
    <>
      <NoteEditor note={note} />
      <HydrateClient>
        <Attachments noteId={note.id} refused={refused === 'size' || refused === 'file' ? refused : null} />
      </HydrateClient>
    </>
  );
}
