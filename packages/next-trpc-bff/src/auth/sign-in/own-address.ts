import type { NextRequest } from 'next/server';
import { safeCallbackUrl } from '../../http/callback-url.js';
import { withBasePath } from '../../runtime/base-path.js';
import { env } from '../../runtime/process.js';
import { callbackUrlCookieName } from '../../session/cookie.js';

/** Returns the return address of the sign-in that is in progress in this browser, or `/`. */
export const pendingCallbackUrl = ({ cookies }: NextRequest): string =>
  ownPath(cookies.get(callbackUrlCookieName())?.value ?? '/');

/** Returns the path of an address, absolute or not, or `/` when it is not one of this application. */
export function ownPath(address: string): string {
  const { AUTH_URL } = env();
  return safeCallbackUrl(address.startsWith(AUTH_URL) ? address.slice(AUTH_URL.length) : address);
}

/** Returns the same as {@link ownPath}, as a whole address. */
export const ownAddress = (address: string): string =>
  new URL(withBasePath(ownPath(address)), env().AUTH_URL).href;

/** Returns whether Auth.js gives an address because a sign-in failed: our login page, with its own word for why. */
export function isErrorPage(address: string): boolean {
  const { origin, pathname, searchParams } = new URL(address, env().AUTH_URL);
  return (
    origin === new URL(env().AUTH_URL).origin &&
    pathname === withBasePath('/login') &&
    searchParams.has('error')
  );
}
