import type { Metadata } from 'next';
import { loginPage } from 'next-trpc-bff/auth';
import { AnnounceSessionEnd } from 'next-trpc-bff/client';
import { WaysIn } from './ways-in';

export const metadata: Metadata = { title: 'Sign in' };

export default async function LoginPage({ searchParams }: PageProps<'/login'>) {
  const { message, problem, isSignedOut, ...ways } = await loginPage(searchParams);
  return (
    <>
      <h1>Sign in</h1>
      {problem !== null && <p role="alert">{problem}</p>}
      {message !== null && <p role="status">{message}</p>}
      {isSignedOut && <AnnounceSessionEnd />}
      <WaysIn {...ways} />
    </>
  );
}
