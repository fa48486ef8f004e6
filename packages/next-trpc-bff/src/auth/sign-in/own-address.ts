import { cookies } from 'next/headers';
import { safeCallbackUrl } from '../../http/callback-url.js';
import { withBasePath } from '../../runtime/base-path.js';
import { env } from '../../runtime/process.js';
import { callbackUrlCookieName } from '../../session/cookie.js';

/** Returns where the sign-in that is under way in this browser leads to, or `/`. */
export async function pendingCallbackUrl(): Promise<string> {
  return ownPath((await cookies()).get(callbackUrlCookieName())?.value ?? '/');
}

/** Returns the path of an address of ours, which Auth.js likes absolute, or `/` when it is not one of ours. */
export function ownPath(address: string): string {
  const { AUTH_URL } = env();
  return safeCallbackUrl(address.startsWith(AUTH_URL) ? address.slice(AUTH_URL.length) : address);
}

/** Returns the same as {@link ownPath}, as a whole address. */
export const ownAddress = (address: string): string =>
  new URL(withBasePath(ownPath(address)), env().AUTH_URL).href;
