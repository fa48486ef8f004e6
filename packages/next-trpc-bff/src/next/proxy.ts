import { type NextRequest, NextResponse } from 'next/server';
import { isDocumentNavigation } from '../http/navigation.js';
import { CURRENT_PATH_HEADER } from '../http/wire.js';
import { withBasePath } from '../runtime/base-path.js';
import { hasSessionCookie, withoutBrokenCookies } from '../session/cookie.js';
import { loginUrl } from '../session/login-reason.js';

/** Which pages are for everybody. */
export interface ProxyOptions {
  /**
   * Says by a page's path, without the base path, whether it is for everybody. All others send visitors without a
   * session cookie to `/login` before they render. `/login` and `/logout` are always for everybody.
   */
  readonly isPublic: (path: string) => boolean;
}

const ALWAYS_PUBLIC: readonly string[] = ['/login', '/logout'];

/**
 * Makes what `proxy.ts` exports. It runs before pages, not before /api and static files: tells Server Components their
 * own path, gives the request an id, and spares pages the visitors who cannot be signed in. It never asks the store:
 * presence of a cookie proves nothing, and the page finds out.
 *
 * @see https://nextjs.org/docs/app/api-reference/file-conventions/proxy
 */
export const createProxy =
  ({ isPublic }: ProxyOptions) =>
  (request: NextRequest): NextResponse => {
    const { pathname, search } = request.nextUrl;
    const path = pathname + withoutRouterMark(search);
    const isClosed = !ALWAYS_PUBLIC.includes(pathname) && !isPublic(pathname);
    if (isClosed && !hasSessionCookie(request.headers) && isPageVisit(request)) {
      return NextResponse.redirect(new URL(withBasePath(loginUrl(path, null)), request.url), {
        headers: { 'cache-control': 'no-store' },
      });
    }
    const headers = withoutBrokenCookies(request.headers);
    headers.set(CURRENT_PATH_HEADER, path);
    headers.set('x-request-id', crypto.randomUUID());
    return NextResponse.next({ request: { headers } });
  };

/** Cut out as text: `searchParams.delete` would write the rest anew, `%20` as `+` and `?flag` as `?flag=`. */
const withoutRouterMark = (search: string) =>
  search.replace(/([?&])_rsc(?:=[^&]*)?(?:&|$)/, '$1').replace(/[?&]$/, '');

/** Redirecting a router's fetch would land it softly on `/login`, with the last user's caches still in the page. */
const isPageVisit = (request: NextRequest) => request.method === 'GET' && isDocumentNavigation(request);
