import type { Metadata } from 'next';
import { withBasePath } from 'next-trpc-bff/shared';
import { Suspense } from 'react';
import { caller } from '@/trpc/server';

export const metadata: Metadata = { title: 'Overview' };

/** The shell is sent at once; the count follows when the API has answered. */
export default function OverviewPage() {
  return (
    <>
      <h1>Overview</h1>
      <Suspense fallback={<p aria-busy="true">Counting your notes…</p>}>
        <NoteCount />
      </Suspense>
    </>
  );
}

async function NoteCount() {
  const { items, nextCursor } = await caller.notes.list({ limit: 100 });
  return (
    <p data-testid="count">
      You have {items.length}
      {nextCursor === null ? '' : ' or more'} notes. <a href={withBasePath('/notes/export')}>Export them</a>
    </p>
  );
}
