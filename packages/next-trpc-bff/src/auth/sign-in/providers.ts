import { headers } from 'next/headers';
import { type Account, CredentialsSignin, type NextAuthConfig, type Profile, type User } from 'next-auth';
import { createContext } from '../../procedures/context.js';
import { type Env, env } from '../../runtime/env.js';
import type { SignIn } from './start-session.js';
import { lifetime } from '../tokens/issuer-answers.js';
import { type LoginAnswer, logIn } from '../tokens/own-login.js';

type Provider = NextAuthConfig['providers'][number];

/** Carries a password sign-in's tokens to where its session starts, past everything that Auth.js writes as JSON. */
const SIGN_IN: unique symbol = Symbol.for('next-trpc-bff.sign-in');

declare module 'next-auth' {
  interface User {
    [SIGN_IN]?: SignIn;
  }
}

/** Why a login and password did not sign anybody in. */
export type PasswordRefusal = Exclude<LoginAnswer, { kind: 'granted' }>;

/** Carries a refusal through Auth.js, which lets its own kind of error pass unchanged. */
export class PasswordRefused extends CredentialsSignin {
  /** @param refusal - What the API said */
  constructor(readonly refusal: PasswordRefusal) {
    super();
  }
}

/** Returns the ways to sign in that are configured: `oidc`, `password`, or both. */
export function configuredProviders(): Provider[] {
  const { oidc, UPSTREAM_LOGIN_PATH } = env();
  return [
    ...(oidc ? [identityProvider(oidc)] : []),
    ...(UPSTREAM_LOGIN_PATH === undefined ? [] : [passwordLogin]),
  ];
}

/**
 * Returns what a completed sign-in says about the user, whichever way it came.
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

const identityProvider = (oidc: NonNullable<Env['oidc']>): Provider => ({
  id: 'oidc',
  name: 'single sign-on',
  type: 'oidc',
  issuer: oidc.AUTH_OIDC_ISSUER,
  clientId: oidc.AUTH_OIDC_ID,
  clientSecret: oidc.AUTH_OIDC_SECRET,
  checks: ['pkce', 'state', 'nonce'],
  authorization: { params: { scope: env().AUTH_OIDC_SCOPE } },
});

const passwordLogin: Provider = {
  id: 'password',
  name: 'password',
  type: 'credentials',
  credentials: {},
  async authorize({ login, password }) {
    const { upstreamContext } = createContext({ headers: await headers() });
    const answer = await logIn({ login: String(login), password: String(password) }, upstreamContext.tracing);
    if (answer.kind !== 'granted') throw new PasswordRefused(answer);
    const { subject, profile } = answer.signIn;
    return { id: subject, ...profile, [SIGN_IN]: answer.signIn };
  },
};
