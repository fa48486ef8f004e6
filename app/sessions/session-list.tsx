'use client';

import { trpc } from '@/trpc/client';
import { SignOutButton } from '../account';

export function SessionList() {
  const cache = trpc.useUtils();
  const refresh = { onSettled: () => cache.session.list.invalidate() };
  const [sessions] = trpc.session.list.useSuspenseQuery();
  const revoke = trpc.session.revoke.useMutation(refresh);
  const revokeOthers = trpc.session.revokeOthers.useMutation(refresh);
  const problem = revoke.error ?? revokeOthers.error;

  return (
    <>
      {problem && <p role="alert">{problem.message}</p>}
      <ul className="notes">
        {sessions.map(({ id, device, createdAt, seenAt, isCurrent }) => (
          <li key={id}>
            <span>
              {device ?? 'Unknown device'}
              {isCurrent && <strong> (this one)</strong>}
              <small>
                Signed in {minutes(createdAt)}, last used {minutes(seenAt)} UTC
              </small>
            </span>
            {isCurrent ? (
              <SignOutButton />
            ) : (
              <button
                className="outline secondary"
                disabled={revoke.isPending}
                onClick={() => revoke.mutate({ id })}
                type="button"
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <button aria-busy={revokeOthers.isPending} onClick={() => revokeOthers.mutate()} type="button">
          End all others
        </button>
      )}
    </>
  );
}

const minutes = (time: number) => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
