import { caller } from '@/trpc/server';
import { CheckSession } from './check-session';

export default async function AccountCard() {
  const session = await caller.session.current();
  return (
    <article>
      <h2>Account</h2>
      {session ? (
        <>
          <p>
            {session.user.name} · {session.user.email}
            <br />
            <small>
              Signed in until {new Date(session.expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC
            </small>
          </p>
          <CheckSession />
        </>
      ) : (
        <p>Nobody is signed in.</p>
      )}
    </article>
  );
}
