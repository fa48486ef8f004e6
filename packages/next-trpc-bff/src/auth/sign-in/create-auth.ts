import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { connection, type NextRequest } from 'next/server';
import NextAuth, { type NextAuthResult, type Session } from 'next-auth';
import { redirectAddress } from '../../http/redirect-address.js';
import { sessionState } from '../../session/state.js';
import { SessionStoreUnavailable } from '../../session/store.js';
import { endEverywhere } from '../sign-out/logout.js';
import { authConfig } from './auth-config.js';
import { type AuthProvider, passwordLogin } from './providers.js';
import { authRoutes } from './routes.js';

/** What an application's `auth.ts` exports. */
export interface Auth {
  /** The route handlers of `app/api/auth/[...nextauth]`, and with `POST` of `app/api/login/[[...provider]]`. */
  readonly handlers: Readonly<Record<'GET' | 'POST', (request: NextRequest) => Promise<Response>>>;
  /**
   * Returns who is signed in, for code that expects Auth.js, or null. Procedures and pages get the same answer for less
   * from `caller.session.current()`. Throws {@link SessionStoreUnavailable} when the store does not answer: an object
   * without a user would pass for signed in.
   *
   * @see https://authjs.dev/getting-started/session-management/get-session
   */
  readonly auth: () => Promise<Session | null>;
  /** Starts a sign-in, as Auth.js does: `signIn('oidc', { redirectTo })`. */
  readonly signIn: NextAuthResult['signIn'];
  /**
   * Signs the user out, in a Server Action. The session ends in the store first; then the browser leaves by a document
   * navigation, on which the cookie is cleared. Never returns: it redirects. Throws {@link SessionStoreUnavailable} when
   * the end could not be written; the user is then still signed in.
   */
  readonly signOut: () => Promise<never>;
}

/**
 * Makes what an application's `auth.ts` exports.
 *
 * @param options - `providers`: those that the environment does not configure are left out
 * @returns See {@link Auth}
 */
export function createAuth({ providers }: { providers: readonly AuthProvider[] }): Auth {
  const configured = () =>
    providers.flatMap((provider) => (provider === passwordLogin ? [] : (provider() ?? [])));
  const nextAuth = NextAuth(() => authConfig(configured()));
  return {
    handlers: authRoutes(nextAuth.handlers, {
      providers: () =>
        configured().map((provider) => (typeof provider === 'function' ? provider() : provider).id),
      withPassword: providers.includes(passwordLogin),
    }),
    signIn: nextAuth.signIn,
    async auth() {
      // Auth.js draws random numbers before it reads the request, which a prerender must not.
      await connection();
      const session = await nextAuth.auth();
      if (session?.unknown) throw new SessionStoreUnavailable('read', undefined);
      return session;
    },
    async signOut() {
      const state = await sessionState(await headers());
      if (state.status === 'unknown') throw state.cause;
      const next = state.status === 'live' ? await endEverywhere(state.session) : '/logout';
      redirect(redirectAddress(next.startsWith('/') ? '/logout' : next));
    },
  };
}
