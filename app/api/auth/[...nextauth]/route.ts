import type { NextRequest } from 'next/server';
import { handlers } from '@/auth';
import { signOut } from '@/server/logout';
import { sessionState } from '@/server/session/state';
import { finishSignIn } from './finish-sign-in';

/** Auth.js's own endpoints, with what it leaves open closed: outages, failed callbacks, caching. */
export async function GET(request: NextRequest): Promise<Response> {
  const { pathname } = request.nextUrl;
  if (pathname === '/api/auth/callback/oidc') return uncached(await finishSignIn(request));
  if (pathname === '/api/auth/session' && (await sessionState(request.headers)).status === 'unknown') {
    return Response.json(
      { message: 'Sessions cannot be read right now.' },
      { status: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } },
    );
  }
  return uncached(await handlers.GET(request));
}

/** Signing out has one path, whoever asks; signing in with a password has `/login`. */
export async function POST(request: NextRequest): Promise<Response> {
  const { pathname } = request.nextUrl;
  if (pathname === '/api/auth/signout') return signOut(request);
  if (pathname === '/api/auth/callback/password') return uncached(new Response(null, { status: 404 }));
  return uncached(await handlers.POST(request));
}

function uncached(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('cache-control', 'no-store');
  return new Response(response.body, { status: response.status, headers });
}
