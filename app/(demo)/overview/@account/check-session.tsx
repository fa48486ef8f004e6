'use client';

import { isUnauthorized } from 'next-trpc-bff/client';
import { useState } from 'react';
import { trpc } from '@/trpc/client';

/** Asks the API without leaving the page whatever it says. */
export function CheckSession() {
  const { client } = trpc.useUtils();
  const [answer, setAnswer] = useState('');

  async function check() {
    setAnswer('Asking…');
    const found = await client.notes.list.query({ limit: 1 }, { context: { redirect: false } }).then(
      () => 'The API accepts your session.',
      (error: unknown) => (isUnauthorized(error) ? 'Your session has ended.' : 'The API did not answer.'),
    );
    setAnswer(found);
  }

  return (
    <>
      <button className="outline" onClick={check} type="button">
        Check the session
      </button>
      <p role="status">{answer}</p>
    </>
  );
}
