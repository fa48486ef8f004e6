'use client';

import { SignOutButton } from './account';

/** What people see when a call failed: what happened, another try, and a way out of a session that is stuck. */
export function CallFailed({ message }: { message: string }) {
  return (
    <article role="alert">
      <h2>That did not work</h2>
      <p>{message}</p>
      <div className="actions">
        <button onClick={() => window.location.reload()} type="button">
          Retry
        </button>
        <SignOutButton />
      </div>
    </article>
  );
}
