'use client';

import { CallFailed } from '@/app/call-failed';
import { trpc } from '@/trpc/client';
import { NoteCard } from './note-card';

/** Notes side by side, each a query of its own, with commands that concern all of them. */
export function Board({ ids }: { ids: readonly string[] }) {
  const cache = trpc.useUtils();
  const sign = trpc.notes.update.useMutation({
    onSuccess: (_note, { id }) => cache.notes.byId.invalidate({ id }),
  });

  function signAll() {
    for (const id of ids) {
      const note = cache.notes.byId.getData({ id });
      if (note) sign.mutate({ id, body: `${note.body}\n— checked` });
    }
  }

  return (
    <>
      <div className="actions">
        <button onClick={() => cache.notes.invalidate()} type="button">
          Refresh
        </button>
        <button aria-busy={sign.isPending} onClick={signAll} type="button">
          Mark all as checked
        </button>
      </div>
      {sign.error && <CallFailed message={sign.error.message} />}
      <div className="columns">
        {ids.map((id) => (
          <NoteCard id={id} key={id} />
        ))}
      </div>
    </>
  );
}
