'use client';

import { fieldErrorsOf } from 'next-trpc-bff/shared';
import type { FormEvent } from 'react';
import type { RouterOutputs } from '@/trpc/client';
import { trpc } from '@/trpc/client';
import { FieldError } from '../field-error';

type Note = RouterOutputs['notes']['byId'];

/** Shows an edit at once and takes it back when the API does not accept it. */
export function NoteEditor({ note: initialNote }: { note: Note }) {
  const cache = trpc.useUtils();
  const key = { id: initialNote.id };
  const { data: note } = trpc.notes.byId.useQuery(key, { initialData: initialNote });

  const update = trpc.notes.update.useMutation({
    async onMutate(changes) {
      await cache.notes.byId.cancel(key);
      const before = cache.notes.byId.getData(key);
      cache.notes.byId.setData(key, (current) => current && { ...current, ...definedOf(changes) });
      return { before };
    },
    onError: (_error, _changes, context) => cache.notes.byId.setData(key, context?.before),
  });

  const errors = fieldErrorsOf(update.error);

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
          <input
            aria-describedby="title-error"
            aria-invalid={errors?.['title'] ? true : undefined}
            defaultValue={note.title}
            name="title"
          />
        </label>
        <FieldError id="title-error" messages={errors?.['title']} />
        <label>
          Body
          <textarea
            aria-describedby="body-error"
            aria-invalid={errors?.['body'] ? true : undefined}
            defaultValue={note.body}
            name="body"
            rows={4}
          />
        </label>
        <FieldError id="body-error" messages={errors?.['body']} />
        {update.error && !errors && (
          <p className="field-error" role="alert">
            {update.error.message}
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
