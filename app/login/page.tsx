import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { logoutUrl, safeCallbackUrl } from '../../packages/next-trpc-bff/src/http/callback-url';
import { env } from '../../packages/next-trpc-bff/src/runtime/env';
import { type LoginReason, loginReason } from '../../packages/next-trpc-bff/src/session/login-reason';
import { redirectAddress } from 'next-trpc-bff/server';
import { hasSessionCookie } from '../../packages/next-trpc-bff/src/session/cookie';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { AnnounceSessionEnd } from '../../packages/next-trpc-bff/src/client/announce-session-end';
import { WaysIn } from './ways-in';

export const metadata: Metadata = { title: 'Sign in' };

const MESSAGES: Readonly<Record<LoginReason, string>> = {
  expired: 'Your session has ended. Sign in to go on where you were.',
  rejected:
    'The service no longer accepts your session. Sign in again; if this comes back at once, tell the operator.',
  'over-limit':
    'You have signed in elsewhere more often than is kept at once, so your oldest session, this one, has ended. Sign in to go on where you were.',
  'signed-out': 'You are signed out.',
  denied: 'The sign-in was cancelled. Nothing has changed.',
  failed: 'The sign-in could not be completed. Please try again.',
  unreachable: 'The sign-in service does not answer right now. Please try again in a moment.',
};

export default async function LoginPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { callbackUrl: requested, reason: given, error } = await searchParams;
  const callbackUrl = safeCallbackUrl(requested);
  const reason = loginReason(given) ?? (error === undefined ? null : 'unreachable');
  const requestHeaders = await headers();
  const state = await sessionState(requestHeaders);
  if (state.status === 'live') redirect(redirectAddress(callbackUrl));
  // A page cannot clear a cookie; /logout can, and comes back with a reason, so this happens once.
  if (state.status === 'dead' && reason === null && hasSessionCookie(requestHeaders))
    redirect(redirectAddress(`${logoutUrl(callbackUrl)}&reason=expired`));

  return (
    <>
      <h1>Sign in</h1>
      {state.status === 'unknown' && (
        <p role="alert">Sessions cannot be read right now. Please try again in a moment.</p>
      )}
      {reason !== null && <p role="status">{MESSAGES[reason]}</p>}
      {state.status === 'dead' && <AnnounceSessionEnd />}
      <WaysIn
        callbackUrl={callbackUrl}
        withPassword={env().UPSTREAM_LOGIN_PATH !== undefined}
        withProvider={env().oidc !== null}
      />
    </>
  );
}
