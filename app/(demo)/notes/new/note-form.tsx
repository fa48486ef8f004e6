'use client';

import { useActionState } from 'react';
import { createNote } from './create-note';

/** Posts a Server Action, with or without JavaScript. */
export function NoteForm() {
  const [problems, submit, isPending] = useActionState(createNote, { title: '', body: '', errors: {} });
  return (
    <form action={submit}>
      <label>
        Title
        <input
          aria-describedby="title-error"
          aria-invalid={problems.errors['title'] ? true : undefined}
          defaultValue={problems.title}
          name="title"
        />
      </label>
      <p className="field-error" id="title-error" role="status">
        {problems.errors['title']?.join(' ')}
      </p>
      <label>
        Body
        <textarea defaultValue={problems.body} name="body" rows={4} />
      </label>
      <p className="field-error" role="status">
        {problems.errors['body']?.join(' ')}
      </p>
      <button aria-busy={isPending} type="submit">
        Create note
      </button>
    </form>
  );
}
