import { createHash, randomBytes } from 'node:crypto';
import { BASE_PATH } from '../runtime/base-path.js';
import { env } from '../runtime/env.js';

const SESSION_TOKEN = /^v1\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MAX_CANDIDATES = 4;
const LEGACY_NAME = /^(?:(?:__Secure-|__Host-)?(?:authjs|next-auth)\.session-token(?:\.\d)?|access_token)$/;

/** Returns whether the application is served over https, which decides the cookies' names and `Secure`. */
export const isSecure = (): boolean => env().AUTH_URL.startsWith('https:');

/**
 * Returns the name of a cookie of ours, which another application on the same host (localhost, say) does not use.
 * `__Host-` binds it to this host over https; plain http on loopback cannot carry the prefix. The prefix wants
 * `Path=/`, so below a base path the name tells neighbours apart; in front, since Auth.js takes what begins with
 * the name of a cookie for a piece of it.
 *
 * @param name - What it holds, e.g. `session`
 * @see https://www.rfc-editor.org/rfc/rfc6265bis (section 4.1.3.2)
 */
export function cookieName(name: string): string {
  const place = BASE_PATH === '' ? '' : `${BASE_PATH.slice(1).replaceAll('/', '~')}~`;
  return `${isSecure() ? '__Host-' : ''}${place}bff-${name}`;
}

/** Returns the name of the session cookie. */
export const sessionCookieName = (): string => cookieName('session');

/** Returns the name of the cookie in which Auth.js keeps where a sign-in leads to. */
export const callbackUrlCookieName = (): string => cookieName('callback-url');

/** Mints the secret that a session cookie holds: a version and 256 random bits, base64url. */
export const newSessionToken = (): string => `v1.${randomBytes(32).toString('base64url')}`;

/** Returns the store's key for a handle: SHA-256, base64url. Whoever reads the store cannot make the cookie. */
export const recordKeyOf = (sessionToken: string): string =>
  createHash('sha256').update(sessionToken).digest('base64url');

/** Returns whether a text is a well-formed handle; says nothing about whether it is live. */
export const isSessionToken = (text: string): boolean => SESSION_TOKEN.test(text);

/**
 * Returns the well-formed handles among a request's session cookies, in the browser's order.
 * Usually one; a stale copy left on another path or domain makes more. Garbage is passed over.
 *
 * @param headers - The request's headers
 * @returns At most four distinct handles, so that a forged header cannot make many store reads
 */
export function sessionTokensIn(headers: Headers): string[] {
  const prefix = `${sessionCookieName()}=`;
  const values = cookiePairs(headers)
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length));
  return [...new Set(values.filter(isSessionToken))].slice(0, MAX_CANDIDATES);
}

/** Returns whether the request carries a session cookie at all, well-formed or not. */
export const hasSessionCookie = (headers: Headers): boolean =>
  cookiePairs(headers).some((pair) => pair.startsWith(`${sessionCookieName()}=`));

/**
 * Returns a request's headers without the cookies that Auth.js stumbles over: for a return address that is none
 * it fails the whole request, sign-ins too, and an empty session cookie hides the good one behind it.
 *
 * @param headers - The request's headers, which stay as they are
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
 * Returns the `Set-Cookie` values that clear the session cookie.
 * Names that earlier set-ups left behind are cleared too, but only those the request carries: clearing all
 * of them blindly would outgrow a proxy's header buffer.
 *
 * @param headers - The request's headers
 */
export function clearingCookies(headers: Headers): string[] {
  return [sessionCookieName(), ...legacyNamesIn(headers)].map((name) => {
    const { secure } = clearingAttributes(name);
    return `${name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${secure ? '; Secure' : ''}`;
  });
}

/** Returns the attributes that clear a cookie of ours or of an earlier set-up. */
export const clearingAttributes = (name: string) =>
  ({ ...sessionCookieAttributes(), secure: isSecure() || name.startsWith('__'), maxAge: 0 }) as const;

/** Returns the names of session cookies of earlier set-ups (Auth.js, NextAuth.js) that a request carries. */
export function legacyNamesIn(headers: Headers): string[] {
  const names = cookiePairs(headers).map((pair) => pair.slice(0, Math.max(0, pair.indexOf('='))));
  return [...new Set(names.filter((name) => LEGACY_NAME.test(name)))];
}

const cookiePairs = (headers: Headers) => (headers.get('cookie') ?? '').split(';').map((pair) => pair.trim());
