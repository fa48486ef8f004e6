'use server';

import { TRPCError } from '@trpc/server';
import { redirect, unstable_rethrow } from 'next/navigation';
import { z } from 'zod';
import { UpstreamError } from '@/server/upstream/errors';
import { caller } from '@/trpc/server';

/** What the form shows again when the note was not accepted. */
export interface NoteFormState {
  readonly title: string;
  readonly body: string;
  readonly errors: Readonly<Record<string, string[] | undefined>>;
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
  return typeof id === 'string' ? redirect(`/notes/${id}`) : id;
}

function fieldErrorsOf(error: unknown): Record<string, string[]> | null {
  if (error instanceof UpstreamError) return error.failure.fieldErrors;
  if (error instanceof TRPCError && error.cause instanceof z.ZodError)
    return z.flattenError(error.cause).fieldErrors;
  return null;
}
