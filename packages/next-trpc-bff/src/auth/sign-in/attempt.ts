import { z } from 'zod';
import { setCookie } from '../../session/cookie.js';
import { cookieName, cookieValue, seal, unseal } from '../../session/secrets.js';

/** How long `/login` shows what became of the last attempt, s. */
const SHOWN_SECONDS = 60;

const CONTEXT = 'password attempt';

const attemptSchema = z.object({
  problem: z.enum(['wrong-password', 'throttled', 'unavailable']),
  username: z.string(),
  /** As the API sent it: seconds or an HTTP date. */
  retryAfter: z.string().nullable(),
  /** ms since 1970. */
  at: z.number(),
});

/** A failed attempt to sign in with login and password, for the form to show. */
export type PasswordAttempt = Omit<z.output<typeof attemptSchema>, 'at'>;

/** Returns the name of the cookie that carries the last attempt from the route handler to `/login`. */
const attemptCookieName = (): string => cookieName('password-attempt');

/**
 * Returns the `Set-Cookie` value that carries an attempt to `/login`. Sealed, so that no page of somebody else chooses
 * what `/login` says; a cookie, so that no name is in an address or a log.
 *
 * @param given - What was tried, or null to clear the cookie
 */
export const attemptCookie = (given: PasswordAttempt | null): string =>
  given
    ? setCookie(
        attemptCookieName(),
        seal(JSON.stringify({ ...given, at: Date.now() }), CONTEXT),
        SHOWN_SECONDS,
      )
    : setCookie(attemptCookieName(), '', 0);

/**
 * Returns the attempt that a request's cookie carries, or null: there is none, it is older than a minute, or not
 * one of this release.
 *
 * @param headers - The request's headers
 */
export function lastAttempt(headers: Headers): PasswordAttempt | null {
  const sealed = cookieValue(headers, attemptCookieName());
  const text = sealed && unseal(sealed, CONTEXT);
  if (!text) return null;
  // Another release may have sealed it.
  const last = attemptSchema.safeParse(JSON.parse(text)).data;
  if (!last || Date.now() - last.at >= SHOWN_SECONDS * 1000) return null;
  const { at: _, ...given } = last;
  return given;
}
