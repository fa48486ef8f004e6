'use client';

import { CallFailed } from './call-failed';

export default function PageError({ error }: { error: Error & { digest?: string } }) {
  // In production Next replaces the message of an error from the server by words of its own.
  const message = error.digest ? 'Something went wrong on our side. Try again in a moment.' : error.message;
  return <CallFailed message={message} />;
}
