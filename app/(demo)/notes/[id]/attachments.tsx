'use client';

import { withBasePath } from 'next-trpc-bff/shared';
import { trpc } from '@/trpc/client';
import { AttachForm, type Refusal } from './attach-form';

/** The note's files: the links lead to the route handler beside this page. */
export function Attachments({ noteId, refused }: { noteId: string; refused: Refusal | null }) {
  const [{ items }] = trpc.attachments.list.useSuspenseQuery({ noteId });
  const remove = trpc.attachments.remove.useMutation();

  return (
    <section aria-labelledby="attachments">
      <h2 id="attachments">Attachments</h2>
      {items.length === 0 && <p>None yet.</p>}
      <ul className="notes">
        {items.map(({ id, name, size }) => (
          <li key={id}>
            <span>
              <a href={withBasePath(`/notes/${noteId}/attachments/${id}`)}>{name}</a>
              <small>{sizeOf(size)}</small>
            </span>
            <button
              aria-label={`Remove ${name}`}
              className="outline secondary"
              disabled={remove.isPending}
              onClick={() => remove.mutate({ noteId, id })}
              type="button"
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      {remove.error && (
        <p className="field-error" role="alert">
          {remove.error.message}
        </p>
      )}
      <AttachForm noteId={noteId} refused={refused} />
    </section>
  );
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

function sizeOf(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = { style: 'unit', unit: UNITS[power], maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat('en', format).format(bytes / 1_000 ** power);
}
