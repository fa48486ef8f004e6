import { NextRequest } from 'next/server';
import type { NextAuthResult } from 'next-auth';
import { redirectResponse } from '../../http/responses.js';
import { withBasePath } from '../../runtime/base-path.js';
import { env } from '../../runtime/process.js';
import { withoutBrokenCookies } from '../../session/cookie.js';
import { cookieName, cookiePairs } from '../../session/secrets.js';
import { isErrorPage } from './own-address.js';

/** What a sign-in at a provider begins with. */
export interface SignInStart {
  /** Id of the provider. */
  readonly provider: string;
  /** Path to return to. */
  readonly callbackUrl: string;
  /** Added to the authorization request, e.g. `prompt`. */
  readonly parameters?: Record<string, string>;
}

/**
 * Begins a sign-in at an identity provider, as the form on Auth.js's own page would. Its function `signIn` reads the
 * request's cookies by itself, and fails for one that it cannot parse.
 *
 * @param handlers - Auth.js's
 * @param headers - Those of the browser's request
 * @returns 303 to the provider, with the cookies that the callback checks; null when the provider could not be asked
 */
export async function beginSignIn(
  handlers: NextAuthResult['handlers'],
  headers: Headers,
  { provider, callbackUrl, parameters = {} }: SignInStart,
): Promise<Response | null> {
  const csrf = await handlers.GET(new NextRequest(addressOf('csrf')));
  const { csrfToken }: { csrfToken: string } = await csrf.json();
  const [csrfCookie = ''] = csrf.headers.getSetCookie().map((line) => line.split(';')[0]);
  const others = cookiePairs(withoutBrokenCookies(headers)).filter(
    (pair) => !pair.startsWith(`${cookieName('csrf-token')}=`),
  );
  const response = await handlers.POST(
    new NextRequest(addressOf(`signin/${provider}?${new URLSearchParams(parameters)}`), {
      method: 'POST',
      headers: { cookie: [csrfCookie, ...others].join('; ') },
      body: new URLSearchParams({ csrfToken, callbackUrl }),
    }),
  );
  const location = response.headers.get('location');
  if (location === null || isErrorPage(location)) return null;
  return redirectResponse(303, location, response.headers.getSetCookie());
}

const addressOf = (path: string) => new URL(withBasePath(`/api/auth/${path}`), env().AUTH_URL);
