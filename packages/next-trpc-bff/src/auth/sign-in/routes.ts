import { NextRequest } from 'next/server';
import type { NextAuthResult } from 'next-auth';
import { NO_STORE, redirectResponse, TRY_AGAIN } from '../../http/responses.js';
import { withBasePath } from '../../runtime/base-path.js';
import { withoutBrokenCookies } from '../../session/cookie.js';
import { loginUrl } from '../../session/login-reason.js';
import { sessionState } from '../../session/state.js';
import { SESSIONS_UNREADABLE } from '../../session/store.js';
import { signOut } from '../sign-out/logout.js';
import { finishSignIn } from './finish-sign-in.js';
import { loginRoute, type WaysIn } from './login-route.js';
import { ownPath } from './own-address.js';

/**
 * Returns Auth.js's own endpoints, and handles what they do not: store outages, failed callbacks, caching. Signing out
 * takes the same path as `/logout`. The forms of `/login` post to `/api/login`, where alone a password is accepted.
 *
 * @param handlers - Auth.js's
 * @param ways - The ways to sign in
 */
export function authRoutes(handlers: NextAuthResult['handlers'], ways: WaysIn) {
  const logIn = loginRoute(handlers, ways);
  return {
    async GET(request: NextRequest): Promise<Response> {
      const { pathname, searchParams } = request.nextUrl;
      // Auth.js would forget the return address on the way to the same page.
      if (pathname === '/api/auth/signin')
        return redirectResponse(303, loginUrl(ownPath(searchParams.get('callbackUrl') ?? '/'), null));
      if (isOfNoProvider(pathname, ways)) return uncached(new Response(null, { status: 404 }));
      const sanitized = sanitizeRequest(request);
      if (pathname === '/api/auth/callback/oidc') return uncached(await finishSignIn(handlers, sanitized));
      return (await storeDownResponse(request)) ?? uncached(await handlers.GET(sanitized));
    },
    async POST(request: NextRequest): Promise<Response> {
      const { pathname } = request.nextUrl;
      if (/^\/api\/login(?:\/|$)/.test(pathname)) return logIn(request);
      if (pathname === '/api/auth/signout') return signOut(request);
      if (isOfNoProvider(pathname, ways)) return uncached(new Response(null, { status: 404 }));
      return (await storeDownResponse(request)) ?? uncached(await handlers.POST(sanitizeRequest(request)));
    },
  };
}

/** Auth.js would report a provider that it does not know, or the lack of one, as a fault of the configuration. */
function isOfNoProvider(pathname: string, { providers }: WaysIn): boolean {
  const [, id] = /^\/api\/auth\/(?:signin|callback|webauthn-options)\b\/?(.*)$/.exec(pathname) ?? [];
  return id !== undefined && !providers().includes(id);
}

/** While the store is down it is unknown who is signed in, and a session without a user would pass for one. */
async function storeDownResponse({ nextUrl, headers }: NextRequest): Promise<Response | null> {
  if (nextUrl.pathname !== '/api/auth/session' || (await sessionState(headers)).status !== 'unknown')
    return null;
  return Response.json({ message: SESSIONS_UNREADABLE }, { status: 503, headers: TRY_AGAIN });
}

/**
 * Auth.js answers 500 for a return address that it cannot parse, so it gets a safe one, or none. It also gets the base
 * path back, which Next removes: it derives the redirect URI from the request's address.
 */
function sanitizeRequest(request: NextRequest): NextRequest {
  const url = new URL(request.url);
  url.pathname = withBasePath(url.pathname);
  const callbackUrl = url.searchParams.get('callbackUrl');
  if (callbackUrl !== null) url.searchParams.set('callbackUrl', ownPath(callbackUrl));
  return new NextRequest(new Request(url, request), { headers: withoutBrokenCookies(request.headers) });
}

function uncached(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('cache-control', NO_STORE['cache-control']);
  return new Response(response.body, { status: response.status, headers });
}
