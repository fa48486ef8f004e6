'use client';

import { useActionState } from 'react';
import { FieldError } from '../field-error';
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
      <FieldError id="title-error" messages={problems.errors['title']} />
      <label>
        Body
        <textarea
          aria-describedby="body-error"
          aria-invalid={problems.errors['body'] ? true : undefined}
          defaultValue={problems.body}
          name="body"
          rows={4}
        />
      </label>
      <FieldError id="body-error" messages={problems.errors['body']} />
      <button aria-busy={isPending} type="submit">
        Create note
      </button>
    </form>
  );
}
