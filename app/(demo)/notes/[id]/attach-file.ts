'use server';

import { redirect, unstable_rethrow } from 'next/navigation';
import { redirectAddress } from 'next-trpc-bff/server';
import { type FieldErrors, fieldErrorsOf } from 'next-trpc-bff/shared';
import { caller } from '@/trpc/server';

/** Attaches a file without JavaScript, and goes back to the note. Returns what is wrong with the file, if anything. */
export async function attachFile(_previous: FieldErrors | null, form: FormData): Promise<FieldErrors | null> {
  try {
    await caller.attachments.uploadForm(form);
  } catch (error) {
    unstable_rethrow(error);
    const errors = fieldErrorsOf(error);
    if (!errors) throw error;
    return errors;
  }
  redirect(redirectAddress(`/notes/${encodeURIComponent(String(form.get('noteId')))}`));
}
