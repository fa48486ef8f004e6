import { cookies } from 'next/headers';
import type { NextRequest } from 'next/server';
import type { NextAuthResult } from 'next-auth';
import { z } from 'zod';
import { logoutUrl, safeCallbackUrl } from '../../http/callback-url.js';
import { readForm } from '../../http/form.js';
import { originOf } from '../../http/request.js';
import { withBasePath } from '../../runtime/base-path.js';
import { describeError, env, log } from '../../runtime/process.js';
import { clearingAttributes, legacyNamesIn } from '../../session/cookie.js';
import { loginUrl } from '../../session/login-reason.js';
import { attemptCookie, type PasswordAttempt } from './attempt.js';
import { isErrorPage } from './own-address.js';
import { PasswordRefused } from './providers.js';

type SignIn = NextAuthResult['signIn'];

const MAX_BODY_BYTES = 16_384;

/** Nothing longer is a username or a password, so the API is not asked. */
const typed = z.object({ username: z.string().min(1).max(256), password: z.string().min(1).max(1_024) });

/** What a form may ask of the provider. @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest */
const prompts = z.enum(['login', 'select_account', 'consent']);

/**
 * Makes the handler of `POST /api/login`, to which the password form of `/login` posts, and of
 * `POST /api/login/<provider>`, to which each provider's button does. They are plain forms: they work without
 * JavaScript, over a deploy, and behind a proxy that passes another `Host`.
 *
 * @param signIn - Auth.js's
 * @param providers - The ids of the identity providers
 * @returns Answers 303: to the provider; after a password by way of `/logout`, which redirects a signed-in user to
 *   `callbackUrl`; back to `/login` where that failed. 403 to other origins, 413 past 16 KB, 415 for what is no plain
 *   form, 404 for a provider that is not configured
 */
export const loginRoute =
  (signIn: SignIn, providers: readonly string[]) =>
  async (request: NextRequest): Promise<Response> => {
    if (originOf(request.headers) !== 'same-origin')
      return refused(403, 'Only pages of this application may sign you in.');
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers.get('content-type') ?? ''))
      return refused(415, 'This address takes plain forms only.');
    const form = await readForm(request, MAX_BODY_BYTES);
    if (!form) return refused(413, 'The form is too large.');
    const callbackUrl = safeCallbackUrl(form.get('callbackUrl'));
    // The cookies of a sign-in must be set where the provider, or the next page, comes back to.
    if (!isAtHome(request.headers))
      return seeOther(new URL(withBasePath(loginUrl(callbackUrl, null)), env().AUTH_URL).href);
    const [, provider] = /^\/api\/login\/([^/]+)$/.exec(request.nextUrl.pathname) ?? [];
    if (provider === undefined) return signInWithPassword(signIn, form, callbackUrl, request.headers);
    if (!providers.includes(provider)) return refused(404, 'There is no such provider.');
    return startSignIn(signIn, provider, form, callbackUrl);
  };

/** Whether the browser sees the application at `AUTH_URL`: `Host` is what proxies say, `Origin` what the browser does. */
function isAtHome(headers: Headers): boolean {
  const origin = headers.get('origin');
  return origin === null || origin === 'null' || origin === new URL(env().AUTH_URL).origin;
}

async function startSignIn(
  signIn: SignIn,
  provider: string,
  form: URLSearchParams,
  callbackUrl: string,
): Promise<Response> {
  const prompt = prompts.safeParse(form.get('prompt'));
  const authorization = prompt.success ? { prompt: prompt.data } : {};
  const jar = await cookies();
  jar.set(attemptCookie(null));
  try {
    const address: unknown = await signIn(
      provider,
      { redirectTo: callbackUrl, redirect: false },
      authorization,
    );
    // Where Auth.js fails it gives the address of its error page, which is ours and knows no way back.
    if (typeof address === 'string' && !isErrorPage(address)) return seeOther(address);
  } catch (error) {
    log().error({ event: 'sign_in_failed', error: describeError(error) });
  }
  return seeOther(withBasePath(loginUrl(callbackUrl, 'unreachable')));
}

async function signInWithPassword(
  signIn: SignIn,
  form: URLSearchParams,
  callbackUrl: string,
  headers: Headers,
): Promise<Response> {
  const problem = await tryPassword(signIn, Object.fromEntries(form));
  const jar = await cookies();
  jar.set(attemptCookie(problem));
  if (problem) return seeOther(withBasePath(loginUrl(callbackUrl, null)));
  for (const name of legacyNamesIn(headers)) jar.set(name, '', clearingAttributes(name));
  return seeOther(withBasePath(logoutUrl(callbackUrl)));
}

/** Returns null when signed in, with the cookie set; else what to show. */
async function tryPassword(signIn: SignIn, fields: Record<string, string>): Promise<PasswordAttempt | null> {
  const failed = (problem: PasswordAttempt['problem'], retryAfter: string | null = null) => ({
    problem,
    username: (fields['username'] ?? '').slice(0, 256),
    retryAfter: retryAfter?.slice(0, 64) ?? null,
  });
  const credentials = typed.safeParse(fields);
  if (!credentials.success) return failed('wrong-password');
  const { username, password } = credentials.data;
  try {
    await signIn('password', { login: username, password, redirect: false, redirectTo: '/' });
    return null;
  } catch (error) {
    if (error instanceof PasswordRefused && error.refusal.kind !== 'unavailable') {
      const { refusal } = error;
      log().info({ event: 'sign_in_refused', reason: refusal.kind });
      return failed(refusal.kind, refusal.kind === 'throttled' ? refusal.retryAfter : null);
    }
    const cause = error instanceof PasswordRefused && 'cause' in error.refusal ? error.refusal.cause : error;
    log().error({ event: 'sign_in_failed', error: describeError(cause) });
    return failed('unavailable');
  }
}

const seeOther = (location: string) =>
  new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });

const refused = (status: number, message: string) =>
  new Response(`${message}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
