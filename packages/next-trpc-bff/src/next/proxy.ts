import { type NextRequest, NextResponse } from 'next/server';
import { withBasePath } from '../runtime/base-path.js';
import { CURRENT_PATH_HEADER } from '../runtime/limits.js';
import { loginUrl } from '../session/login-reason.js';
import { isDocumentNavigation } from '../http/navigation.js';
import { hasSessionCookie, withoutBrokenCookies } from '../session/cookie.js';

/** Pages for everybody. All others send visitors without a session cookie to `/login` before they render. */
const PUBLIC_PATHS: readonly string[] = ['/', '/login', '/logout'];

/**
 * Runs before pages, not before /api and static files. Tells Server Components their own path, gives the request
 * an id, and spares pages the visitors who cannot be signed in. It never asks the store: presence of a cookie
 * proves nothing, and the page finds out.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const path = pathname + withoutRouterMark(search);

  if (!PUBLIC_PATHS.includes(pathname) && !hasSessionCookie(request.headers) && isPageVisit(request)) {
    return NextResponse.redirect(new URL(withBasePath(loginUrl(path, null)), request.url), {
      headers: { 'cache-control': 'no-store' },
    });
  }
  const headers = withoutBrokenCookies(request.headers);
  headers.set(CURRENT_PATH_HEADER, path);
  headers.set('x-request-id', crypto.randomUUID());
  return NextResponse.next({ request: { headers } });
}

/** Cut out as text: `searchParams.delete` would write the rest anew, `%20` as `+` and `?flag` as `?flag=`. */
const withoutRouterMark = (search: string) =>
  search.replace(/([?&])_rsc(?:=[^&]*)?(?:&|$)/, '$1').replace(/[?&]$/, '');

/** Redirecting a router's fetch would land it softly on `/login`, with the last user's caches still in the page. */
const isPageVisit = (request: NextRequest) => request.method === 'GET' && isDocumentNavigation(request);

/** The first one is the start page below a base path, which the second one misses. */
export const config = { matcher: ['/', '/((?!api/|_next/|icon.svg|favicon.ico).*)'] };
