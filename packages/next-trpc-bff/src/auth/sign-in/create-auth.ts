import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import NextAuth, { CredentialsSignin, type NextAuthConfig, type Session } from 'next-auth';
import { configuredProviders, type PasswordRefusal, PasswordRefused, signInOf } from './providers.js';
import { withBasePath } from '../../runtime/base-path.js';
import { safeCallbackUrl } from '../../http/callback-url.js';
import { env, secretsOf } from '../../runtime/env.js';
import { describeError, log } from '../../runtime/log.js';
import { endEverywhere } from '../sign-out/logout.js';
import { redirectAddress } from '../../http/redirect-address.js';
import {
  callbackUrlCookieName,
  clearingAttributes,
  cookieName,
  sessionTokensIn,
  isSecure,
  legacyNamesIn,
  recordKeyOf,
  sessionCookieAttributes,
  sessionCookieName,
} from '../../session/cookie.js';
import { startSession } from './start-session.js';
import { sessionState, touchSession } from '../../session/state.js';
import { SessionStoreUnavailable } from '../../session/store.js';
import type { Credentials } from '../tokens/own-login.js';

/** Carries the session's handle through Auth.js: a symbol survives object spread and never reaches JSON. */
const SESSION_TOKEN: unique symbol = Symbol.for('next-trpc-bff.handle');

declare module 'next-auth' {
  interface Session {
    /** The store did not answer; see {@link auth}. */
    unknown?: true;
  }
}

declare module '@auth/core/jwt' {
  interface JWT {
    [SESSION_TOKEN]?: string;
    expiresAt?: number;
    unknown?: true;
  }
}

/** Returns the name of the cookie that binds a sign-in to the tab that began it last. */
export const stateCookieName = (): string => cookieName('state');

const config = (): NextAuthConfig => ({
  secret: secretsOf(env()),
  trustHost: true,
  useSecureCookies: isSecure(),
  basePath: withBasePath('/api/auth'),
  pages: { signIn: withBasePath('/login'), error: withBasePath('/login'), signOut: withBasePath('/logout') },
  session: { strategy: 'jwt', maxAge: env().SESSION_ABSOLUTE_SECONDS },
  cookies: {
    sessionToken: { name: sessionCookieName(), options: sessionCookieAttributes() },
    callbackUrl: { name: callbackUrlCookieName() },
    csrfToken: { name: cookieName('csrf-token') },
    pkceCodeVerifier: { name: cookieName('pkce') },
    state: { name: stateCookieName() },
    nonce: { name: cookieName('nonce') },
  },
  providers: configuredProviders(),
  jwt: { encode: encodeSessionToken, decode: decodeSessionToken },
  callbacks: {
    redirect: ({ url }) => ownAddress(url),
    async jwt({ token, account, profile, user, trigger }) {
      // Every session read passes here too: only a completed sign-in may start a session.
      if (!account || trigger !== 'signIn') return token;
      const signIn = signInOf(user, account, profile);
      return { ...token, [SESSION_TOKEN]: await startSession(signIn, await headers()) };
    },
    session({ session: { expires }, token }) {
      if (token.unknown) return { expires, unknown: true };
      const user = {
        id: token.sub ?? '',
        name: token.name ?? null,
        email: token.email ?? null,
        image: token.picture ?? null,
      };
      return { user, expires: new Date(token.expiresAt ?? 0).toISOString() };
    },
  },
  logger: {
    error: (error) => {
      const type = 'type' in error ? error.type : error.name;
      // Auth.js reports every dead cookie as an error of its own; the session's end was logged where it happened.
      // A refused password is no error at all.
      if (type !== 'JWTSessionError' && !(error instanceof CredentialsSignin))
        log().error({ event: 'auth_error', type, error: describeError(causeOf(error)) });
    },
    warn: (code) => {
      // Auth.js takes a path in AUTH_URL for its own base path; what it then does is right.
      if (code !== 'env-url-basepath-mismatch') log().warn({ event: 'auth_warning', code });
    },
    debug: () => {},
  },
});

/** Auth.js wraps what went wrong as `cause.err`. */
const causeOf = (error: Error): unknown =>
  typeof error.cause === 'object' && error.cause !== null && 'err' in error.cause ? error.cause.err : error;

/** Auth.js writes the session cookie on every read: always the handle that is there, never a new one. */
function encodeSessionToken({ token }: { token?: { [SESSION_TOKEN]?: string } }): string {
  const sessionToken = token?.[SESSION_TOKEN];
  if (!sessionToken)
    throw new TypeError('A session cookie is written for completed sign-ins and live sessions only.');
  return sessionToken;
}

/** Asks our store, by our own parser: Auth.js would glue cookies of similar names together. */
async function decodeSessionToken() {
  const requestHeaders = await headers();
  const state = await sessionState(requestHeaders);
  const [first] = sessionTokensIn(requestHeaders);
  // Null makes Auth.js delete the cookie, and an outage must not log anybody out.
  if (state.status === 'unknown') return { unknown: true as const, ...(first && { [SESSION_TOKEN]: first }) };
  if (state.status === 'dead') return null;
  await touchSession(state.session);
  const { key, subject, profile, idleDeadline, absoluteDeadline } = state.session.record;
  const sessionToken = sessionTokensIn(requestHeaders).find((candidate) => recordKeyOf(candidate) === key);
  return {
    sub: subject,
    ...profile,
    expiresAt: Math.min(idleDeadline, absoluteDeadline),
    ...(sessionToken && { [SESSION_TOKEN]: sessionToken }),
  };
}

const nextAuth = NextAuth(() => config());

/** Auth.js's own route handlers; `app/api/auth` mounts them. */
export const { handlers, signIn } = nextAuth;

/**
 * Returns who is signed in, for code that expects Auth.js. Procedures and pages get the same answer for less
 * from `caller.session.current()`.
 *
 * @returns The session, or null when there is none
 * @throws {SessionStoreUnavailable} when the store does not answer: an object without a user would pass for signed in
 * @see https://authjs.dev/getting-started/session-management/get-session
 */
export async function auth(): Promise<Session | null> {
  const session = await nextAuth.auth();
  if (session?.unknown) throw new SessionStoreUnavailable('read', undefined);
  return session;
}

/**
 * Signs a user in with the API's own login and password, in a Server Action, which must then end in a document
 * navigation: a redirect within the page would keep the last user's caches.
 *
 * @returns Null when signed in, with the cookie set; else why not
 * @throws When the session could not be started
 */
export async function signInWithPassword(credentials: Credentials): Promise<PasswordRefusal | null> {
  try {
    await signIn('password', { ...credentials, redirect: false, redirectTo: '/' });
  } catch (error) {
    if (error instanceof PasswordRefused) return error.refusal;
    throw error;
  }
  const jar = await cookies();
  for (const name of legacyNamesIn(await headers())) jar.set(name, '', clearingAttributes(name));
  return null;
}

/**
 * Signs the user out, in a Server Action. The session ends in the store first; then the browser leaves by a
 * document navigation, on which the cookie is cleared.
 *
 * @returns Never: it redirects
 * @throws {SessionStoreUnavailable} when the end could not be written; the user is then still signed in
 */
export async function signOut(): Promise<never> {
  const state = await sessionState(await headers());
  if (state.status === 'unknown') throw state.cause;
  const next = state.status === 'live' ? await endEverywhere(state.session) : '/logout';
  redirect(redirectAddress(next.startsWith('/') ? '/logout' : next));
}

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
