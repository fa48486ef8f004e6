import type { ReactNode } from 'react';
import { caller } from '@/trpc/server';

/** Layout, slot and page render at the same time, and each asks for what it shows. */
export default async function BoardLayout({ children, newest }: Record<'children' | 'newest', ReactNode>) {
  const { items, nextCursor } = await caller.notes.list({ limit: 100 });
  return (
    <>
      <h1>Board</h1>
      <p>
        {items.length}
        {nextCursor === null ? '' : ' or more'} notes, the newest first:
      </p>
      {newest}
      {children}
    </>
  );
}
