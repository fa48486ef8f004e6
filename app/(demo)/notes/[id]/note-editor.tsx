'use client';

import { type FormEvent, useState } from 'react';
import type { RouterOutputs } from '@/trpc/client';
import { trpc } from '@/trpc/client';

type Note = RouterOutputs['notes']['byId'];

/** Shows an edit at once and takes it back when the API does not accept it. */
export function NoteEditor({ note: initialNote }: { note: Note }) {
  const cache = trpc.useUtils();
  const key = { id: initialNote.id };
  const [problem, setProblem] = useState<string | null>(null);
  const { data: note } = trpc.notes.byId.useQuery(key, { initialData: initialNote });

  const update = trpc.notes.update.useMutation({
    async onMutate(changes) {
      setProblem(null);
      await cache.notes.byId.cancel(key);
      const before = cache.notes.byId.getData(key);
      cache.notes.byId.setData(key, (current) => current && { ...current, ...definedOf(changes) });
      return { before };
    },
    onError(error, _changes, context) {
      cache.notes.byId.setData(key, context?.before);
      setProblem(error.data?.input ? Object.values(error.data.input).flat().join(' ') : error.message);
    },
    onSuccess: () => cache.notes.list.invalidate(),
    onSettled: () => cache.notes.byId.invalidate(key),
  });

  function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    update.mutate({ ...key, title: String(form.get('title')), body: String(form.get('body')) });
  }

  return (
    <>
      <h1>{note.title}</h1>
      <p>{note.body}</p>
      <form onSubmit={save}>
        <label>
          Title
          <input defaultValue={note.title} key={note.title} name="title" />
        </label>
        <label>
          Body
          <textarea defaultValue={note.body} key={note.body} name="body" rows={4} />
        </label>
        {problem !== null && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
        <button aria-busy={update.isPending} type="submit">
          Save
        </button>
      </form>
    </>
  );
}

const definedOf = ({ title, body }: { title?: string | undefined; body?: string | undefined }) => ({
  ...(title !== undefined && { title }),
  ...(body !== undefined && { body }),
});
