import type { Metadata } from 'next';
import { HydrateClient, prefetch } from '@/trpc/server';
import { SessionList } from './session-list';

export const metadata: Metadata = { title: 'Your sessions' };

export default function SessionsPage() {
  prefetch.session.list();
  return (
    <>
      <h1>Your sessions</h1>
      <p>Every browser in which you are signed in. Ending one signs it out at once.</p>
      <HydrateClient>
        <SessionList />
      </HydrateClient>
    </>
  );
}
