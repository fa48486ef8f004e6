import type { NextRequest } from 'next/server';
import type { NextAuthResult } from 'next-auth';
import { z } from 'zod';
import { readForm } from '../../http/body.js';
import { safeCallbackUrl } from '../../http/callback-url.js';
import { originOf, requestIdOf, tracingHeaders } from '../../http/request.js';
import { redirectResponse, textResponse } from '../../http/responses.js';
import { withBasePath } from '../../runtime/base-path.js';
import { describeError, env, log } from '../../runtime/process.js';
import { clearingLegacyCookies, setCookie } from '../../session/cookie.js';
import { loginUrl } from '../../session/login-reason.js';
import { sessionCookieName } from '../../session/secrets.js';
import { logIn } from '../tokens/own-login.js';
import { attemptCookie, type PasswordAttempt } from './attempt.js';
import { beginSignIn, type SignInStart } from './begin-sign-in.js';
import { startSession } from './start-session.js';

const MAX_BODY_BYTES = 16_384;

/** Nothing longer is a username or a password, so the API is not asked. */
const typed = z.object({ username: z.string().min(1).max(256), password: z.string().min(1).max(1_024) });

/** What a form may ask of the provider. @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest */
const prompts = z.enum(['login', 'select_account', 'consent']);

/** The ways to sign in that an application offers. */
export interface WaysIn {
  /** Returns the ids of the identity providers. */
  readonly providers: () => readonly string[];
  /** Whether the API's own login and password are one, where the environment configures them. */
  readonly withPassword: boolean;
}

/**
 * Makes the handler of `POST /api/login`, to which the password form of `/login` posts, and of
 * `POST /api/login/<provider>`, to which each provider's button does. They are plain forms: they work without
 * JavaScript, over a deploy, and behind a proxy that passes another `Host`.
 *
 * @param handlers - Auth.js's
 * @param ways - The ways to sign in
 * @returns Answers 303: to the provider, or with a password to `callbackUrl`; back to `/login` where that failed. 403 to
 *   other origins, 413 past 16 KB, 415 for what is no plain form, 404 for a way that is not configured
 */
export const loginRoute =
  (handlers: NextAuthResult['handlers'], { providers, withPassword }: WaysIn) =>
  async (request: NextRequest): Promise<Response> => {
    const { headers } = request;
    if (originOf(headers) !== 'same-origin')
      return textResponse(403, 'Only pages of this application may sign you in.');
    if (!/^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? ''))
      return textResponse(415, 'This address takes plain forms only.');
    const form = await readForm(request, MAX_BODY_BYTES);
    if (!form) return textResponse(413, 'The form is too large.');
    const callbackUrl = safeCallbackUrl(form.get('callbackUrl'));
    // The cookies of a sign-in must be set where the provider, or the next page, comes back to.
    if (!isAtHome(headers))
      return redirectResponse(303, new URL(withBasePath(loginUrl(callbackUrl, null)), env().AUTH_URL).href);
    const [, provider] = /^\/api\/login\/([^/]+)$/.exec(request.nextUrl.pathname) ?? [];
    if (provider !== undefined && providers().includes(provider)) {
      const prompt = prompts.safeParse(form.get('prompt'));
      const parameters: Record<string, string> = prompt.success ? { prompt: prompt.data } : {};
      return signInAtProvider(handlers, headers, { provider, callbackUrl, parameters });
    }
    if (provider !== undefined || !withPassword || env().UPSTREAM_LOGIN_PATH === undefined)
      return textResponse(404, 'There is no such way to sign in.');
    return signInWithPassword(headers, form, callbackUrl);
  };

/** Whether the browser sees the application at `AUTH_URL`: `Host` is what proxies say, `Origin` what the browser does. */
function isAtHome(headers: Headers): boolean {
  const origin = headers.get('origin');
  return origin === null || origin === 'null' || origin === new URL(env().AUTH_URL).origin;
}

async function signInAtProvider(
  handlers: NextAuthResult['handlers'],
  headers: Headers,
  start: SignInStart,
): Promise<Response> {
  const response =
    (await beginSignIn(handlers, headers, start)) ??
    redirectResponse(303, loginUrl(start.callbackUrl, 'unreachable'));
  response.headers.append('set-cookie', attemptCookie(null));
  return response;
}

async function signInWithPassword(
  headers: Headers,
  form: URLSearchParams,
  callbackUrl: string,
): Promise<Response> {
  const outcome = await tryPassword(headers, Object.fromEntries(form));
  if ('problem' in outcome)
    return redirectResponse(303, loginUrl(callbackUrl, null), [attemptCookie(outcome)]);
  return redirectResponse(303, callbackUrl, [
    attemptCookie(null),
    setCookie(sessionCookieName(), outcome.sessionToken, env().SESSION_ABSOLUTE_SECONDS),
    ...clearingLegacyCookies(headers),
  ]);
}

async function tryPassword(
  headers: Headers,
  fields: Record<string, string>,
): Promise<PasswordAttempt | { sessionToken: string }> {
  const failed = (problem: PasswordAttempt['problem'], retryAfter: string | null = null) => ({
    problem,
    username: (fields['username'] ?? '').slice(0, 256),
    retryAfter: retryAfter?.slice(0, 64) ?? null,
  });
  const credentials = typed.safeParse(fields);
  if (!credentials.success) return failed('wrong-password');
  const { username, password } = credentials.data;
  try {
    const answer = await logIn({ login: username, password }, tracingHeaders(headers, requestIdOf(headers)));
    if (answer.kind === 'granted') return { sessionToken: await startSession(answer.signIn, headers) };
    if (answer.kind === 'unavailable') throw answer.cause;
    log().info({ event: 'sign_in_refused', reason: answer.kind });
    return failed(answer.kind, answer.kind === 'throttled' ? answer.retryAfter : null);
  } catch (error) {
    log().error({ event: 'sign_in_failed', error: describeError(error) });
    return failed('unavailable');
  }
}
