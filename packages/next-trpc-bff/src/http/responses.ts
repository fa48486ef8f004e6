import { withBasePath } from '../runtime/base-path.js';

/** Headers of a response that no cache may keep. */
export const NO_STORE = { 'cache-control': 'no-store' } as const;

/** Headers of a 503 while the session store does not answer: the client may try again in five seconds. */
export const TRY_AGAIN = { ...NO_STORE, 'retry-after': '5' } as const;

/** Returns a plain text response that no cache keeps. */
export const textResponse = (
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(`${message}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...NO_STORE, ...headers },
  });

/**
 * Returns a redirect that no cache keeps.
 *
 * @param status - 303 makes the browser send a GET; 307 keeps the method
 * @param location - A path of the application, without the base path, or a whole address
 * @param cookies - `Set-Cookie` values
 */
export function redirectResponse(
  status: 303 | 307,
  location: string,
  cookies: readonly string[] = [],
): Response {
  const headers = new Headers({ ...NO_STORE, location: withBasePath(location) });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status, headers });
}
