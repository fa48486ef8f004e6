'use client';

import { useMutation } from '@tanstack/react-query';
import type { TRPCClientError } from '@trpc/client';
import { fieldErrorsOf, withBasePath } from 'next-trpc-bff/shared';
import { type FormEvent, useState } from 'react';
import type { AppRouter } from '@/server/router';
import { type RouterOutputs, trpc } from '@/trpc/client';
import { FieldError } from '../field-error';

/** Why a file that was posted without JavaScript was not attached. */
export type Refusal = keyof typeof REFUSALS;

const REFUSALS = { size: 'The file is too large.', file: 'Choose a file of at most 8 MB.' };

type Attachment = RouterOutputs['attachments']['upload'];

/** Sends a file as it is, however large; without JavaScript the form posts it, up to a limit. */
export function AttachForm({ noteId, refused }: { noteId: string; refused: Refusal | null }) {
  const { client } = trpc.useUtils();
  const [sending, setSending] = useState<AbortController | null>(null);

  // Through the client itself: a hook's mutation cannot be cancelled.
  const upload = useMutation<Attachment, TRPCClientError<AppRouter>, { file: File; signal: AbortSignal }>({
    mutationFn: ({ file, signal }) =>
      client.attachments.upload.mutate({ noteId, name: file.name, type: file.type, file }, { signal }),
    onSettled: () => setSending(null),
  });

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const file = new FormData(form).get('file');
    if (!(file instanceof File)) return;
    const cancel = new AbortController();
    setSending(cancel);
    upload.mutate({ file, signal: cancel.signal }, { onSuccess: () => form.reset() });
  }

  const problems = upload.error ? problemsOf(upload.error) : refused ? [REFUSALS[refused]] : undefined;
  return (
    <form
      action={withBasePath(`/notes/${encodeURIComponent(noteId)}/attach`)}
      encType="multipart/form-data"
      method="post"
      onSubmit={send}
    >
      <input name="noteId" type="hidden" value={noteId} />
      <label>
        File
        <input aria-describedby="file-error" name="file" required type="file" />
      </label>
      <noscript>
        <p>Up to 8 MB.</p>
      </noscript>
      <FieldError id="file-error" messages={problems} />
      <div className="actions">
        <button aria-busy={upload.isPending} disabled={upload.isPending} type="submit">
          Attach
        </button>
        {sending && (
          <button className="outline secondary" onClick={() => sending.abort()} type="button">
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}

function problemsOf(error: TRPCClientError<AppRouter>): string[] | undefined {
  if (error.cause?.name === 'AbortError') return undefined;
  if (error.data?.code === 'PAYLOAD_TOO_LARGE') return [REFUSALS.size];
  const errors = fieldErrorsOf(error);
  return errors ? Object.values(errors).flatMap((messages) => messages ?? []) : [error.message];
}
