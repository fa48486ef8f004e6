import { withBasePath } from 'next-trpc-bff/shared';

/** Who is signed in, with the way out: a plain form, so that it works without JavaScript and changes the document. */
export function Account({ user }: { user: { id: string; name: string | null } | null }) {
  if (!user) {
    return (
      <ul>
        <li>
          <a href={withBasePath('/login')}>Sign in</a>
        </li>
      </ul>
    );
  }
  return (
    <ul>
      <li>
        Signed in as{' '}
        <a href={withBasePath('/sessions')}>
          <strong data-testid="user">{user.name ?? user.id}</strong>
        </a>
      </li>
      <li>
        <SignOutButton />
      </li>
    </ul>
  );
}

/** Signs out by a same-origin POST: a link could be followed by anybody's page. */
export function SignOutButton() {
  return (
    <form action={withBasePath('/logout')} method="post">
      <button className="outline secondary" type="submit">
        Sign out
      </button>
    </form>
  );
}
