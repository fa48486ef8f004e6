import { unstable_rethrow } from 'next/navigation';
import { withBasePath } from 'next-trpc-bff/shared';
import { caller } from '@/trpc/server';

export default async function HomePage() {
  return (
    <>
      <h1>Your API, behind tRPC</h1>
      <p>Every call to the API goes through a tRPC procedure. The tokens never reach this browser.</p>
      <p className="actions">{(await isSignedIn()) ? <NotesLink /> : <SignInLink />}</p>
    </>
  );
}

/** The home page is for everybody, so it renders while the session store is down too. */
async function isSignedIn(): Promise<boolean> {
  try {
    return (await caller.raw.session.current()) !== null;
  } catch (error) {
    unstable_rethrow(error);
    return false;
  }
}

const NotesLink = () => (
  <a href={withBasePath('/notes')} className="button">
    Open your notes
  </a>
);

const SignInLink = () => (
  <a href={withBasePath('/login?callbackUrl=/notes')} className="button">
    Sign in
  </a>
);
