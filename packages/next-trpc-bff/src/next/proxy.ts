import { type NextRequest, NextResponse } from 'next/server';
import { isDocumentNavigation } from '../http/navigation.js';
import { NO_STORE } from '../http/responses.js';
import { CURRENT_PATH_HEADER } from '../http/wire.js';
import { withBasePath } from '../runtime/base-path.js';
import { hasSessionCookie, withoutBrokenCookies } from '../session/cookie.js';
import { loginUrl } from '../session/login-reason.js';

/** Options of the proxy: which pages are public. */
export interface ProxyOptions {
  /**
   * Returns whether the page at a path, without the base path, is public. All others redirect clients without a session
   * cookie to `/login` before they render. `/login` and `/logout` are always public.
   */
  readonly isPublic: (path: string) => boolean;
}

const ALWAYS_PUBLIC: readonly string[] = ['/login', '/logout'];

/**
 * Makes the proxy of an application. It runs before pages, not before `/api` and static files: it tells Server
 * Components their own path, gives the request an id, and redirects clients that cannot be signed in. It never reads
 * the store: a cookie proves nothing, and the page checks the session.
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
        headers: NO_STORE,
      });
    }
    const headers = withoutBrokenCookies(request.headers);
    headers.set(CURRENT_PATH_HEADER, path);
    headers.set('x-request-id', crypto.randomUUID());
    return NextResponse.next({ request: { headers } });
  };

/** Removes `_rsc` as text: `searchParams.delete` would rewrite the rest, `%20` as `+` and `?flag` as `?flag=`. */
const withoutRouterMark = (search: string) =>
  search.replace(/([?&])_rsc(?:=[^&]*)?(?:&|$)/, '$1').replace(/[?&]$/, '');

/** A redirect of the router's fetch would show `/login` within the same document, with the caches of the last user. */
const isPageVisit = (request: NextRequest) => request.method === 'GET' && isDocumentNavigation(request);
