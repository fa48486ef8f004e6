import { headers } from 'next/headers';
import {
  type Account,
  CredentialsSignin,
  customFetch,
  type NextAuthConfig,
  type Profile,
  type User,
} from 'next-auth';
import { requestIdOf, tracingHeaders } from '../../http/request.js';
import { env } from '../../runtime/process.js';
import { lifetime, type SignIn } from '../tokens/issuer-answers.js';
import { type LoginAnswer, logIn } from '../tokens/own-login.js';
import { signInFetch } from '../tokens/provider/sign-in-fetch.js';

type Provider = NextAuthConfig['providers'][number];

/** The key under which the tokens of a password sign-in pass through Auth.js: a symbol never reaches its JSON. */
const SIGN_IN: unique symbol = Symbol.for('next-trpc-bff.sign-in');

declare module 'next-auth' {
  interface User {
    [SIGN_IN]?: SignIn;
  }
}

/** Why a sign-in with login and password failed. */
export type PasswordRefusal = Exclude<LoginAnswer, { kind: 'granted' }>;

/** Carries a refusal through Auth.js, which passes errors of this class on unchanged. */
export class PasswordRefused extends CredentialsSignin {
  /** @param refusal - The API's answer */
  constructor(readonly refusal: PasswordRefusal) {
    super();
  }
}

/** A way to sign in: Auth.js's provider, or null where the environment does not configure it. */
export type AuthProvider = () => Provider | null;

/**
 * Returns the user and the tokens of a completed sign-in, at the provider or with a password.
 *
 * @throws {TypeError} when the identity provider answered without access token or subject
 */
export function signInOf(user: User, account: Account, profile: Profile | undefined): SignIn {
  if (user[SIGN_IN]) return user[SIGN_IN];
  const { oidc } = env();
  if (!oidc || !account.access_token || !profile?.sub)
    throw new TypeError('The identity provider answered without access token or subject.');
  return {
    subject: profile.sub,
    issuer: oidc.AUTH_OIDC_ISSUER,
    providerSid: typeof profile['sid'] === 'string' ? profile['sid'] : null,
    profile: { name: profile.name ?? null, email: profile.email ?? null, picture: user.image ?? null },
    tokens: {
      accessToken: account.access_token,
      refreshToken: account.refresh_token ?? null,
      idToken: account.id_token ?? null,
      ...lifetime(account.expires_in),
    },
  };
}

/** Signs in at the OpenID Connect provider of `AUTH_OIDC_ISSUER`. */
export function identityProvider(): Provider | null {
  const { oidc, AUTH_OIDC_SCOPE } = env();
  return (
    oidc && {
      id: 'oidc',
      name: 'single sign-on',
      type: 'oidc',
      issuer: oidc.AUTH_OIDC_ISSUER,
      clientId: oidc.AUTH_OIDC_ID,
      clientSecret: oidc.AUTH_OIDC_SECRET,
      checks: ['pkce', 'state', 'nonce'],
      authorization: { params: { scope: AUTH_OIDC_SCOPE } },
      [customFetch]: signInFetch,
    }
  );
}

/** Signs in with a login and password of the API's own, at `UPSTREAM_LOGIN_PATH`. */
export function passwordLogin(): Provider | null {
  if (env().UPSTREAM_LOGIN_PATH === undefined) return null;
  return {
    id: 'password',
    name: 'password',
    type: 'credentials',
    credentials: {},
    async authorize({ login, password }) {
      const requestHeaders = await headers();
      const tracing = tracingHeaders(requestHeaders, requestIdOf(requestHeaders));
      const answer = await logIn({ login: String(login), password: String(password) }, tracing);
      if (answer.kind !== 'granted') throw new PasswordRefused(answer);
      const { subject, profile } = answer.signIn;
      return { id: subject, ...profile, [SIGN_IN]: answer.signIn };
    },
  };
}
