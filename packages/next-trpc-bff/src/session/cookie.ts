import { cookieName, cookiePairs, isSecure, sessionCookieName } from './secrets.js';

const LEGACY_NAME = /^(?:(?:__Secure-|__Host-)?(?:authjs|next-auth)\.session-token(?:\.\d)?|access_token)$/;

/** Returns the name of the cookie in which Auth.js keeps the return address of a sign-in. */
export const callbackUrlCookieName = (): string => cookieName('callback-url');

/** Returns whether the request carries a session cookie at all, well-formed or not. */
export const hasSessionCookie = (headers: Headers): boolean =>
  cookiePairs(headers).some((pair) => pair.startsWith(`${sessionCookieName()}=`));

/**
 * Returns a request's headers without the cookies that break Auth.js: an invalid return address makes it fail the whole
 * request, sign-ins too, and an empty session cookie hides the valid one behind it.
 *
 * @param headers - The request's headers, not changed
 */
export function withoutBrokenCookies(headers: Headers): Headers {
  const pairs = cookiePairs(headers);
  const address = `${callbackUrlCookieName()}=`;
  const whole = pairs.filter(
    (pair) =>
      pair !== `${sessionCookieName()}=` &&
      (!pair.startsWith(address) || isHttpAddress(pair.slice(address.length))),
  );
  const copy = new Headers(headers);
  if (whole.length < pairs.length) copy.set('cookie', whole.join('; '));
  return copy;
}

function isHttpAddress(encoded: string): boolean {
  try {
    return /^https?:$/.test(new URL(decodeURIComponent(encoded)).protocol);
  } catch {
    return false;
  }
}

/** Returns the attributes of the session cookie, the same ones when it is set and when it is cleared. */
export const sessionCookieAttributes = () =>
  ({ httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure() }) as const;

/**
 * Returns a `Set-Cookie` value, with the attributes that every cookie of ours has.
 *
 * @param name - As from `cookieName`
 * @param value - Letters, digits, `.`, `-`, `_`
 * @param maxAge - How long the browser keeps it, s; 0 clears it
 */
export const setCookie = (name: string, value: string, maxAge: number): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${isSecure() || name.startsWith('__') ? '; Secure' : ''}`;

/**
 * Returns the `Set-Cookie` values that clear the session cookie, and those of earlier set-ups with it.
 *
 * @param headers - The request's headers
 */
export const clearingCookies = (headers: Headers): string[] => [
  setCookie(sessionCookieName(), '', 0),
  ...clearingLegacyCookies(headers),
];

/**
 * Returns the `Set-Cookie` values that clear the session cookies of earlier set-ups, but only those the request carries:
 * all of them together would be too long for a proxy's header buffer.
 *
 * @param headers - The request's headers
 */
export const clearingLegacyCookies = (headers: Headers): string[] =>
  legacyNamesIn(headers).map((name) => setCookie(name, '', 0));

/** Returns the names of session cookies of earlier set-ups (Auth.js, NextAuth.js) that a request carries. */
function legacyNamesIn(headers: Headers): string[] {
  const names = cookiePairs(headers).map((pair) => pair.slice(0, Math.max(0, pair.indexOf('='))));
  return [...new Set(names.filter((name) => LEGACY_NAME.test(name)))];
}
