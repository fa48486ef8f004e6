'use client';

import Link from 'next/link';
import { CallFailed } from '@/app/call-failed';
import { trpc } from '@/trpc/client';
import { LiveNotes } from './live-notes';

const LIMIT = 10;

/** The list, from the server's first render on; more pages and removals come through the client link. */
export function NotesList() {
  const [pages, list] = trpc.notes.list.useSuspenseInfiniteQuery(
    { limit: LIMIT },
    { getNextPageParam: (page) => page.nextCursor },
  );
  const remove = trpc.notes.remove.useMutation();
  const notes = pages.pages.flatMap((page) => page.items);

  return (
    <>
      <LiveNotes limit={LIMIT} />
      {remove.error && <CallFailed message={remove.error.message} />}
      {list.isFetchNextPageError && list.error && <CallFailed message={list.error.message} />}
      {notes.length === 0 && <p>No notes yet. Write your first one.</p>}
      <ul className="notes">
        {notes.map(({ id, title, updatedAt }) => (
          <li key={id}>
            <span>
              <Link href={`/notes/${id}`} prefetch={false}>
                {title}
              </Link>
              <small>{updatedAt.slice(0, 10)}</small>
            </span>
            <button
              aria-label={`Remove ${title}`}
              className="outline secondary"
              disabled={remove.isPending}
              onClick={() => remove.mutate({ id })}
              type="button"
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <button aria-busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()} type="button">
          Show more
        </button>
      )}
    </>
  );
}
