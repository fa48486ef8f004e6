import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { connection } from 'next/server';
import { lastAttempt, type PasswordAttempt } from '../auth/sign-in/attempt.js';
import { logoutUrl, safeCallbackUrl } from '../http/callback-url.js';
import { redirectAddress } from '../http/redirect-address.js';
import { withBasePath } from '../runtime/base-path.js';
import { env } from '../runtime/process.js';
import { hasSessionCookie } from '../session/cookie.js';
import { type LoginReason, loginReason } from '../session/login-reason.js';
import { sessionState } from '../session/state.js';
import { SESSIONS_UNREADABLE } from '../session/store.js';

/** The data of the sign-in page. */
export interface LoginPage {
  /** The path to return to after the sign-in, for a hidden field `callbackUrl` in each form. */
  readonly callbackUrl: string;
  /** The reason for the visit, to show; null when the user was not sent here. */
  readonly message: string | null;
  /** What is wrong right now, to announce; null when all is well. */
  readonly problem: string | null;
  /** Whether the browser has no live session, of which `AnnounceSessionEnd` tells other tabs. */
  readonly isSignedOut: boolean;
  /** The identity providers to continue at, with the address to which a button's form posts. */
  readonly providers: readonly { readonly id: string; readonly name: string; readonly action: string }[];
  /** The form for a login and password of the API's own, or null where the API takes none. */
  readonly password: PasswordForm | null;
}

/** The data of the form for a login and password. */
export interface PasswordForm {
  /** The address to which the form posts its fields `username`, `password` and `callbackUrl`. */
  readonly action: string;
  /** What was typed at the last attempt, if that failed within the last minute; else empty. */
  readonly username: string;
  /** Why the last attempt failed, or null. */
  readonly problem: PasswordAttempt['problem'] | null;
  /** The same in words, to announce. */
  readonly message: string | null;
}

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

const STORE_DOWN = `${SESSIONS_UNREADABLE} Please try again in a moment.`;

/**
 * Prepares the sign-in page. A signed-in user is redirected to `callbackUrl`; a dead session cookie is cleared by
 * `/logout`, which redirects back, once.
 *
 * @param searchParams - Those of the page
 * @returns The data to show; does not return when it redirects
 */
export async function loginPage(
  searchParams: Promise<Record<string, string | string[] | undefined>>,
): Promise<LoginPage> {
  await connection();
  const { callbackUrl: requested, reason: given, error } = await searchParams;
  const callbackUrl = safeCallbackUrl(requested);
  const reason = loginReason(given) ?? (error === undefined ? null : 'unreachable');
  const requestHeaders = await headers();
  const state = await sessionState(requestHeaders);
  if (state.status === 'live') redirect(redirectAddress(callbackUrl));
  // A page cannot clear a cookie; `/logout` can, and redirects back with a reason, so this happens once.
  if (state.status === 'dead' && reason === null && hasSessionCookie(requestHeaders))
    redirect(redirectAddress(`${logoutUrl(callbackUrl)}&reason=expired`));
  return {
    callbackUrl,
    message: reason && MESSAGES[reason],
    problem: state.status === 'unknown' ? STORE_DOWN : null,
    isSignedOut: state.status === 'dead',
    providers: env().oidc
      ? [{ id: 'oidc', name: 'single sign-on', action: withBasePath('/api/login/oidc') }]
      : [],
    password: env().UPSTREAM_LOGIN_PATH === undefined ? null : passwordForm(lastAttempt(requestHeaders)),
  };
}

const passwordForm = (last: PasswordAttempt | null): PasswordForm => ({
  action: withBasePath('/api/login'),
  username: last?.username ?? '',
  problem: last?.problem ?? null,
  message: last && PROBLEMS[last.problem](last.retryAfter),
});

const PROBLEMS: Readonly<Record<PasswordAttempt['problem'], (retryAfter: string | null) => string>> = {
  'wrong-password': () => 'Username and password do not match.',
  throttled: (retryAfter) =>
    `Too many attempts. Please try again ${/^\d{1,6}$/.test(retryAfter ?? '') ? `in ${retryAfter} seconds` : 'later'}.`,
  unavailable: () => 'The sign-in does not answer right now. Please try again in a moment.',
};
