import { headers } from 'next/headers';
import type { NextAuthConfig } from 'next-auth';
import { withBasePath } from '../../runtime/base-path.js';
import { secretsOf } from '../../runtime/env.js';
import { describeError, env, log } from '../../runtime/process.js';
import { callbackUrlCookieName, sessionCookieAttributes } from '../../session/cookie.js';
import {
  cookieName,
  isSecure,
  recordKeyOf,
  sessionCookieName,
  sessionTokensIn,
} from '../../session/secrets.js';
import { sessionState, touchSession } from '../../session/state.js';
import { isIdentityProviderFailed } from '../tokens/provider/failed.js';
import { ownAddress } from './own-address.js';
import { signInOf } from './providers.js';
import { startSession } from './start-session.js';

/**
 * The key under which the session token passes through Auth.js: a symbol survives object spread and never reaches JSON.
 */
const SESSION_TOKEN: unique symbol = Symbol.for('next-trpc-bff.session-token');

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

/**
 * Returns Auth.js's configuration: our cookie, our store, and no session but ours.
 *
 * @param providers - The identity providers
 * @see https://authjs.dev/reference/nextjs#nextauthconfig
 */
export const authConfig = (providers: NextAuthConfig['providers']): NextAuthConfig => ({
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
  providers,
  jwt: { encode: encodeSessionToken, decode: decodeSessionToken },
  callbacks: {
    redirect: ({ url }) => ownAddress(url),
    async jwt({ token, account, profile, trigger }) {
      // Auth.js calls this for every session read too: only a completed sign-in may start a session.
      if (!account || trigger !== 'signIn') return token;
      const signIn = await signInOf(account, profile);
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
      const type = String('type' in error ? error.type : error.name);
      // Auth.js reports every dead cookie as an error; the end of the session was logged where it happened.
      if (type === 'JWTSessionError') return;
      const cause = causeOf(error);
      if (OF_REQUESTS.includes(type)) log().info({ event: 'sign_in_refused', reason: type });
      else if (isRefusedCode(cause))
        log().info({ event: 'sign_in_refused', reason: type, error: describeError(cause) });
      else log().error({ event: 'auth_error', type, error: describeError(cause) });
    },
    warn: (code) => {
      // Auth.js takes a path in AUTH_URL for its own base path; what it then does is right.
      if (code !== 'env-url-basepath-mismatch') log().warn({ event: 'auth_warning', code });
    },
    debug: () => {},
  },
});

/** Errors of Auth.js that any request can cause: they are no alerts. */
const OF_REQUESTS: readonly string[] = [
  'InvalidCallbackUrl',
  'InvalidCheck',
  'MissingCSRF',
  'OAuthCallbackError',
  'UnknownAction',
];

/** The provider does not accept a code, which anybody can make up who has begun a sign-in. */
const isRefusedCode = (cause: unknown) =>
  isIdentityProviderFailed(cause) && cause.refusal?.meaning === 'over';

/** Auth.js wraps the original error as `cause.err`. */
const causeOf = (error: Error): unknown =>
  typeof error.cause === 'object' && error.cause !== null && 'err' in error.cause ? error.cause.err : error;

/**
 * Auth.js writes the session cookie on every read: this keeps the session token that is there, and never makes a new
 * one.
 */
function encodeSessionToken({ token }: { token?: { [SESSION_TOKEN]?: string } }): string {
  const sessionToken = token?.[SESSION_TOKEN];
  if (!sessionToken)
    throw new TypeError('A session cookie is written for completed sign-ins and live sessions only.');
  return sessionToken;
}

/**
 * Reads the session from our store, and the cookies with our own parser: Auth.js would join cookies with similar names.
 */
async function decodeSessionToken() {
  const requestHeaders = await headers();
  const state = await sessionState(requestHeaders);
  const [first] = sessionTokensIn(requestHeaders);
  // Null makes Auth.js delete the cookie, and an outage must not log users out.
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
