import { cookies, headers } from 'next/headers';
import { redirect, unstable_rethrow } from 'next/navigation';
import type { NextAuthResult } from 'next-auth';
import { z } from 'zod';
import { logoutUrl, safeCallbackUrl } from '../../http/callback-url.js';
import { redirectAddress } from '../../http/redirect-address.js';
import { describeError, log } from '../../runtime/process.js';
import { clearingAttributes, legacyNamesIn } from '../../session/cookie.js';
import { loginUrl } from '../../session/login-reason.js';
import type { Credentials } from '../tokens/login-mapping.js';
import { type PasswordRefusal, PasswordRefused } from './providers.js';

type SignIn = NextAuthResult['signIn'];

/** The result of the last attempt with login and password; a successful one leaves the page. */
export interface PasswordAttempt {
  readonly problem: 'wrong-password' | 'throttled' | 'unavailable' | null;
  readonly login: string;
  /** As the API sent it: seconds or an HTTP date. */
  readonly retryAfter: string | null;
}

/** The actions of the forms on `/login`. */
export interface LoginActions {
  /** Sends the browser to the identity provider; a user it still knows comes straight back. */
  readonly continueAtProvider: (form: FormData) => Promise<never>;
  /**
   * The same with `prompt=login`: the provider asks for the user again
   * (https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest).
   */
  readonly continueWithAnotherAccount: (form: FormData) => Promise<never>;
  /**
   * Signs in with the API's own login and password. On success the browser loads a new document: `/logout` redirects a
   * signed-in user to `callbackUrl`, and answers the router's own fetch in a way that makes it navigate the browser.
   * Otherwise returns what went wrong, with the username as it was typed.
   */
  readonly tryPassword: (form: FormData) => Promise<PasswordAttempt>;
}

/** Nothing longer is a username or a password, so the API is not asked. */
const typed = z.object({ username: z.string().min(1).max(256), password: z.string().min(1).max(1_024) });

/**
 * Makes the actions of the forms on `/login`.
 *
 * @param signIn - Auth.js's
 */
export const createLoginActions = (signIn: SignIn): LoginActions => ({
  continueAtProvider: (form) => startSignIn(signIn, form, {}),
  continueWithAnotherAccount: (form) => startSignIn(signIn, form, { prompt: 'login' }),
  async tryPassword(form) {
    const login = String(form.get('username') ?? '');
    const failed = (problem: PasswordAttempt['problem'], retryAfter: string | null = null) => ({
      problem,
      login: login.slice(0, 256),
      retryAfter,
    });
    const credentials = typed.safeParse(Object.fromEntries(form));
    if (!credentials.success) return failed('wrong-password');
    const { username, password } = credentials.data;
    try {
      const refusal = await signInWithPassword(signIn, { login: username, password });
      if (refusal?.kind === 'unavailable') throw refusal.cause;
      if (refusal) {
        log().info({ event: 'sign_in_refused', reason: refusal.kind });
        return failed(refusal.kind, refusal.kind === 'throttled' ? refusal.retryAfter : null);
      }
    } catch (error) {
      log().error({ event: 'sign_in_failed', error: describeError(error) });
      return failed('unavailable');
    }
    redirect(redirectAddress(logoutUrl(safeCallbackUrl(form.get('callbackUrl')))));
  },
});

async function startSignIn(
  signIn: SignIn,
  form: FormData,
  authorization: Record<string, string>,
): Promise<never> {
  const callbackUrl = safeCallbackUrl(form.get('callbackUrl'));
  try {
    await signIn('oidc', { redirectTo: callbackUrl }, authorization);
  } catch (error) {
    unstable_rethrow(error);
    log().error({ event: 'sign_in_failed', error: describeError(error) });
  }
  redirect(redirectAddress(loginUrl(callbackUrl, 'unreachable')));
}

/** Returns null when signed in, with the cookie set; else why not. */
async function signInWithPassword(signIn: SignIn, credentials: Credentials): Promise<PasswordRefusal | null> {
  try {
    await signIn('password', { ...credentials, redirect: false, redirectTo: '/' });
  } catch (error) {
    if (error instanceof PasswordRefused) return error.refusal;
    throw error;
  }
  const jar = await cookies();
  for (const name of legacyNamesIn(await headers())) jar.set(name, '', clearingAttributes(name));
  return null;
}
