import { NextRequest } from 'next/server';
import { handlers, ownPath } from '@/auth';
import { withBasePath } from '@/server/base-path';
import { signOut } from '@/server/logout';
import { withoutBrokenCookies } from '@/server/session/cookie';
import { sessionState } from '@/server/session/state';
import { finishSignIn } from './finish-sign-in';

/** Auth.js's own endpoints, with what it leaves open closed: outages, failed callbacks, caching. */
export async function GET(request: NextRequest): Promise<Response> {
  if (request.nextUrl.pathname === '/api/auth/callback/oidc')
    return uncached(await finishSignIn(tidy(request)));
  return (await outage(request)) ?? uncached(await handlers.GET(tidy(request)));
}

/** Signing out has one path, whoever asks; signing in with a password has `/login`. */
export async function POST(request: NextRequest): Promise<Response> {
  const { pathname } = request.nextUrl;
  if (pathname === '/api/auth/signout') return signOut(request);
  if (pathname === '/api/auth/callback/password') return uncached(new Response(null, { status: 404 }));
  return (await outage(request)) ?? uncached(await handlers.POST(tidy(request)));
}

/** While the store is down nobody can say who is signed in, and half a session would pass for one. */
async function outage({ nextUrl, headers }: NextRequest): Promise<Response | null> {
  if (nextUrl.pathname !== '/api/auth/session' || (await sessionState(headers)).status !== 'unknown')
    return null;
  return Response.json(
    { message: 'Sessions cannot be read right now.' },
    { status: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } },
  );
}

/**
 * Auth.js answers 500 for a return address it cannot parse: it gets one of ours, or none. And it gets the base path,
 * which Next takes away: it makes the redirect URI of the request's address.
 */
function tidy(request: NextRequest): NextRequest {
  const url = new URL(request.url);
  url.pathname = withBasePath(url.pathname);
  const callbackUrl = url.searchParams.get('callbackUrl');
  if (callbackUrl !== null) url.searchParams.set('callbackUrl', ownPath(callbackUrl));
  return new NextRequest(new Request(url, request), { headers: withoutBrokenCookies(request.headers) });
}

function uncached(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('cache-control', 'no-store');
  return new Response(response.body, { status: response.status, headers });
}
