'use server';

import { redirect, unstable_rethrow } from 'next/navigation';
import { redirectAddress } from 'next-trpc-bff/server';
import { type FieldErrors, fieldErrorsOf } from 'next-trpc-bff/shared';
import { caller } from '@/trpc/server';

/** What the form shows again when the note was not accepted. */
export interface NoteFormState {
  readonly title: string;
  readonly body: string;
  readonly errors: FieldErrors;
}

/** Creates a note and goes to it. */
export async function createNote(_previous: NoteFormState, form: FormData): Promise<NoteFormState> {
  const draft = { title: String(form.get('title') ?? ''), body: String(form.get('body') ?? '') };
  const id = await caller.notes.create(draft).then(
    (note) => note.id,
    (error: unknown) => {
      unstable_rethrow(error);
      const errors = fieldErrorsOf(error);
      if (!errors) throw error;
      return { ...draft, errors };
    },
  );
  return typeof id === 'string' ? redirect(redirectAddress(`/notes/${id}`)) : id;
}
