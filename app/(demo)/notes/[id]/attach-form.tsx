'use client';

import { useMutation } from '@tanstack/react-query';
import type { TRPCClientError } from '@trpc/client';
import { type FieldErrors, fieldErrorsOf } from 'next-trpc-bff/shared';
import { type FormEvent, useActionState, useState } from 'react';
import type { AppRouter } from '@/server/router';
import { type RouterOutputs, trpc } from '@/trpc/client';
import { FieldError } from '../field-error';
import { attachFile } from './attach-file';

type Attachment = RouterOutputs['attachments']['upload'];

/** Sends a file as it is, however large; without JavaScript the form posts it, up to a limit. */
export function AttachForm({ noteId }: { noteId: string }) {
  const { client } = trpc.useUtils();
  const [refused, post] = useActionState(attachFile, null);
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

  const problems = upload.error ? problemsOf(upload.error) : messagesIn(refused);
  return (
    <form action={post} onSubmit={send}>
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
  if (error.data?.code === 'PAYLOAD_TOO_LARGE') return ['The file is too large.'];
  return messagesIn(fieldErrorsOf(error)) ?? [error.message];
}

const messagesIn = (errors: FieldErrors | null) =>
  errors ? Object.values(errors).flatMap((messages) => messages ?? []) : undefined;
