import { createProxy } from 'next-trpc-bff/proxy';

/** Pages for everybody. All others send visitors without a session cookie to `/login` before they render. */
const PUBLIC_PATHS: readonly string[] = ['/'];

export const proxy = createProxy({ isPublic: (path) => PUBLIC_PATHS.includes(path) });

/** The first one is the start page below a base path, which the second one misses. */
export const config = { matcher: ['/', '/((?!api/|_next/|icon.svg|favicon.ico).*)'] };
