/**
 * Longest path as it stands in a query, characters: a `Location` with it is shorter than 2,000, and one that is longer
 * may not fit into the header buffer of a proxy.
 */
const MAX_ENCODED = 1_900;
const ANYWHERE = 'http://same.invalid';

/** Dots that lead out of the base path behind a proxy that decodes paths. */
const CLIMBS = /[/\\]\.\.(?:[/\\]|$)/;

/** Paths that no user is sent back to: endpoints are no pages, and `/login` and `/logout` would loop. */
const NO_TARGET = /^\/(?:api|logout|login)(?:\/|$)/i;

/**
 * Returns where to send a user back to: a path of this application, never another origin.
 *
 * @param value - What the request asked for, e.g. the `callbackUrl` parameter
 * @returns Path, query and fragment, normalised, without the base path; `/` for anything else
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html
 */
export function safeCallbackUrl(value: unknown): string {
  if (typeof value !== 'string' || queryOf(value).length > MAX_ENCODED) return '/';
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(value) || !URL.canParse(value, ANYWHERE)) return '/';
  const { origin, pathname, search, hash } = new URL(value, ANYWHERE);
  // Parsing can make a second slash (`/.//evil.example`), and a browser decodes what a router matches.
  if (origin !== ANYWHERE || !isOwnPage(pathname) || !isOwnPage(decoded(pathname))) return '/';
  return pathname + search + hash;
}

const isOwnPage = (pathname: string) =>
  /^\/(?![/\\])\P{Cc}*$/u.test(pathname) && !NO_TARGET.test(pathname) && !CLIMBS.test(pathname);

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return '';
  }
}

const queryOf = (callbackUrl: string) => new URLSearchParams({ callbackUrl }).toString();

/**
 * Returns the address of the logout route handler; after the next sign-in the user is sent back to `path`, or to `/`
 * where {@link safeCallbackUrl} refuses it.
 */
export const logoutUrl = (path: string): string => `/logout?${queryOf(safeCallbackUrl(path))}`;

/** Returns whether a path is the login page, where an UNAUTHORIZED must not navigate. */
export const isLoginPath = (path: string): boolean => /^\/login(?:[/?#]|$)/.test(path);
