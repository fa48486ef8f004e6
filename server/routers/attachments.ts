import { fileStream } from 'next-trpc-bff/server';
import { z } from 'zod';
import { endpoint, router } from '../trpc';

const id = z.string().min(1).max(64);
const name = z.string().trim().min(1, 'Choose a file.').max(200, 'A file name has at most 200 characters.');
/** As the browser guesses it; empty where it does not know. */
const type = z.string().regex(/^[ -~]{0,100}$/, 'This is no type of a file.');
const attachment = z.object({ id: z.string(), name: z.string(), type: z.string(), size: z.number() });

export const attachmentsRouter = router({
  list: endpoint('GET /notes/{noteId}/attachments', {
    input: z.object({ noteId: id }),
    output: z.object({ items: z.array(attachment) }),
  }),

  /** Of any size: the file passes through. */
  upload: endpoint('POST /notes/{noteId}/attachments', {
    input: z.object({ noteId: id, name, type, file: fileStream() }),
    output: attachment,
    invalidates: ['attachments'],
    send: ({ name, type, file }) => ({
      query: { name },
      headers: { 'content-type': type || 'application/octet-stream' },
      body: file,
    }),
  }),

  /** As a form posts it: held in memory, so up to a limit. */
  uploadForm: endpoint('POST /notes/{noteId}/attachments', {
    input: z
      .instanceof(FormData)
      .transform((form) => Object.fromEntries(form))
      .pipe(z.object({ noteId: id, file: z.file().refine((file) => file.name !== '', 'Choose a file.') })),
    output: attachment,
    invalidates: ['attachments'],
    send: ({ file }) => {
      const form = new FormData();
      form.set('file', file);
      return { body: form };
    },
  }),

  remove: endpoint('DELETE /notes/{noteId}/attachments/{id}', {
    input: z.object({ noteId: id, id }),
    output: z.void(),
    invalidates: ['attachments'],
  }),
});
