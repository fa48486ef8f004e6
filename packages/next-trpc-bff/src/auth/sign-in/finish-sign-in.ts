import type { NextRequest } from 'next/server';
import type { NextAuthResult } from 'next-auth';
import { decode } from 'next-auth/jwt';
import { redirectResponse } from '../../http/responses.js';
import { secretsOf } from '../../runtime/env.js';
import { env, log } from '../../runtime/process.js';
import { clearingLegacyCookies, setCookie } from '../../session/cookie.js';
import { type LoginReason, loginUrl } from '../../session/login-reason.js';
import { cookieValue } from '../../session/secrets.js';
import { sessionState } from '../../session/state.js';
import { stateCookieName } from './auth-config.js';
import { beginSignIn } from './begin-sign-in.js';
import { isErrorPage, ownAddress, pendingCallbackUrl } from './own-address.js';

/** The cookie that counts how often the sign-in of a browser was restarted lately, so that it cannot loop. */
const RESTARTED = 'bff-sign-in-restarted';
const RESTART_MEMORY_SECONDS = 30;
const MAX_RESTARTS = 3;

/** The errors of a provider's answer that say more than that the sign-in failed. @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
const REASONS: ReadonlyMap<string, LoginReason> = new Map([
  ['access_denied', 'denied'],
  ['server_error', 'unreachable'],
  ['temporarily_unavailable', 'unreachable'],
]);

/**
 * Completes a sign-in when the identity provider sends the browser back, also when two tabs sign in at once: the later
 * one overwrites the check cookies of the first.
 *
 * @param handlers - Auth.js's
 * @param request - The browser's request to the callback address
 * @returns 303 or 302 into the application, to the provider again, or to `/login` with the reason
 */
export async function finishSignIn(
  handlers: NextAuthResult['handlers'],
  request: NextRequest,
): Promise<Response> {
  const callbackUrl = pendingCallbackUrl(request);
  // As Auth.js reads them: of a name given twice the last counts.
  const { state: given, code, error } = Object.fromEntries(request.nextUrl.searchParams);
  const expected = await expectedState(request.headers);
  if (expected !== null && expected === given && code !== undefined && error === undefined) {
    const response = await handlers.GET(request);
    if (!hasFailed(response)) return completed(request, response);
  } else {
    // Whoever calls this address can cause it, so it is no alert.
    log().info({ event: 'sign_in_refused', reason: refusalIn(error) });
  }

  const state = await sessionState(request.headers);
  if (state.status === 'live') return redirectResponse(303, callbackUrl);
  const reason = REASONS.get(error ?? '') ?? 'failed';
  // A user who has just cancelled is not sent to the provider again.
  const restarts = Number(request.cookies.get(RESTARTED)?.value ?? 0);
  if (reason === 'failed' && restarts < MAX_RESTARTS && (await wasOvertaken(given, expected))) {
    const again = await beginSignIn(handlers, request.headers, { provider: 'oidc', callbackUrl });
    if (again) {
      again.headers.append('set-cookie', setCookie(RESTARTED, String(restarts + 1), RESTART_MEMORY_SECONDS));
      return again;
    }
  }
  return redirectResponse(303, loginUrl(callbackUrl, reason));
}

function hasFailed(response: Response): boolean {
  const location = response.headers.get('location');
  return location === null || isErrorPage(location);
}

/** What may be logged of the reason: a code, and no text that somebody wrote into an address. */
const refusalIn = (error: string | undefined) =>
  error === undefined ? 'unexpected-answer' : /^[a-z_]{1,40}$/.test(error) ? error : 'unknown-error';

/** The state of the sign-in that this browser began last, or null. */
async function expectedState(headers: Headers): Promise<unknown> {
  const sealed = cookieValue(headers, stateCookieName());
  const state = sealed ? await opened(sealed, stateCookieName()) : null;
  return state?.['value'] ?? null;
}

/** True when the state is one we issued, but the cookie belongs to a sign-in begun later in this browser. */
const wasOvertaken = async (given: string | undefined, expected: unknown) =>
  given !== undefined &&
  expected !== null &&
  expected !== given &&
  (await opened(given, 'encodedState')) !== null;

const opened = (token: string, salt: string) =>
  decode({ token, salt, secret: secretsOf(env()) }).catch(() => null);

function completed({ headers }: NextRequest, response: Response): Response {
  const recovered = new Headers(response.headers);
  // Without a cookie for the return address Auth.js redirects to the origin, which a base path is not part of.
  recovered.set('location', ownAddress(response.headers.get('location') ?? '/'));
  for (const cookie of clearingLegacyCookies(headers)) recovered.append('set-cookie', cookie);
  return new Response(response.body, { status: response.status, headers: recovered });
}
