'use server';

import { redirect, unstable_rethrow } from 'next/navigation';
import { z } from 'zod';
import { signIn, signInWithPassword } from './create-auth.js';
import { logoutUrl, safeCallbackUrl } from '../../http/callback-url.js';
import { describeError, log } from '../../runtime/log.js';
import { loginUrl } from '../../session/login-reason.js';
import { redirectAddress } from '../../http/redirect-address.js';
import type { PasswordAttempt } from '../../../../../app/login/password-form.js';

/** Longer is nobody's username or password: the API need not be asked. */
const typed = z.object({ username: z.string().min(1).max(256), password: z.string().min(1).max(1_024) });

/** Sends the browser to the identity provider; a user it still knows comes straight back. */
export async function continueAtProvider(_previous: null, form: FormData): Promise<null> {
  return startSignIn(form, {});
}

/** The same, but the provider asks who it is (https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest). */
export async function continueWithAnotherAccount(_previous: null, form: FormData): Promise<null> {
  return startSignIn(form, { prompt: 'login' });
}

/**
 * Signs in with the API's own login and password. Success changes the document: `/logout` sends whoever is live
 * on to `callbackUrl`, and gives the router's own fetch an answer that makes it leave the page to the browser.
 *
 * @returns What to say when it did not work, with the username as it was typed
 */
export async function tryPassword(_previous: PasswordAttempt, form: FormData): Promise<PasswordAttempt> {
  const login = String(form.get('username') ?? '');
  const failed = (problem: PasswordAttempt['problem'], retryAfter: string | null = null) => ({
    problem,
    login: login.slice(0, 256),
    retryAfter,
  });
  const credentials = typed.safeParse(Object.fromEntries(form));
  if (!credentials.success) return failed('wrong-password');
  try {
    const refusal = await signInWithPassword({
      login: credentials.data.username,
      password: credentials.data.password,
    });
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
}

async function startSignIn(form: FormData, authorization: Record<string, string>): Promise<never> {
  const callbackUrl = safeCallbackUrl(form.get('callbackUrl'));
  try {
    await signIn('oidc', { redirectTo: callbackUrl }, authorization);
  } catch (error) {
    unstable_rethrow(error);
    log().error({ event: 'sign_in_failed', error: describeError(error) });
  }
  redirect(redirectAddress(loginUrl(callbackUrl, 'unreachable')));
}
