'use server';

import { redirect, unstable_rethrow } from 'next/navigation';
import { signIn } from '@/auth';
import { safeCallbackUrl } from '@/server/callback-url';
import { describeError, log } from '@/server/log';
import { loginUrl } from '@/server/login-reason';

/** Sends the browser to the identity provider; a user it still knows comes straight back. */
export async function signInWithProvider(form: FormData): Promise<void> {
  await startSignIn(form, {});
}

/** The same, but the provider asks who it is (https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest). */
export async function signInWithAnotherAccount(form: FormData): Promise<void> {
  await startSignIn(form, { prompt: 'login' });
}

async function startSignIn(form: FormData, authorization: Record<string, string>): Promise<void> {
  const callbackUrl = safeCallbackUrl(form.get('callbackUrl'));
  try {
    await signIn('oidc', { redirectTo: callbackUrl }, authorization);
  } catch (error) {
    unstable_rethrow(error);
    log().error({ event: 'sign_in_failed', error: describeError(error) });
    redirect(loginUrl(callbackUrl, 'unreachable'));
  }
}
