import Link from 'next/link';
import { Suspense } from 'react';
import { caller } from '@/trpc/server';

export default function LatestNotes() {
  return (
    <article>
      <h2>Latest</h2>
      <Suspense fallback={<p aria-busy="true">Loading…</p>}>
        <Titles />
      </Suspense>
    </article>
  );
}

async function Titles() {
  const { items } = await caller.notes.list({ limit: 3 });
  if (items.length === 0) return <p>No notes yet.</p>;
  return (
    <ul>
      {items.map(({ id, title }) => (
        <li key={id}>
          <Link href={`/notes/${id}`}>{title}</Link>
        </li>
      ))}
    </ul>
  );
}
