import { type Account, customFetch, type NextAuthConfig, type Profile } from 'next-auth';
import { env } from '../../runtime/process.js';
import { lifetime, type SignIn } from '../tokens/issuer-answers.js';
import { signInFetch } from '../tokens/provider/sign-in-fetch.js';
import { profileOf } from './names.js';
import { completeProfile } from './userinfo.js';

type Provider = NextAuthConfig['providers'][number];

/** A way to sign in: Auth.js's provider, or null where the environment does not configure it; or {@link passwordLogin}. */
export type AuthProvider = (() => Provider | null) | typeof passwordLogin;

/**
 * Returns the user and the tokens of a completed sign-in at the provider.
 *
 * @throws {TypeError} when the identity provider answered without access token or subject
 */
export async function signInOf(account: Account, profile: Profile | undefined): Promise<SignIn> {
  const { oidc } = env();
  if (!oidc || !account.access_token || !profile?.sub)
    throw new TypeError('The identity provider answered without access token or subject.');
  return {
    subject: profile.sub,
    issuer: oidc.AUTH_OIDC_ISSUER,
    providerSid: typeof profile['sid'] === 'string' ? profile['sid'] : null,
    profile: await completeProfile(profileOf(profile), profile.sub, account.access_token),
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
  const { oidc, AUTH_OIDC_SCOPE, AUTH_OIDC_PARAMS } = env();
  return (
    oidc && {
      id: 'oidc',
      name: 'single sign-on',
      type: 'oidc',
      issuer: oidc.AUTH_OIDC_ISSUER,
      clientId: oidc.AUTH_OIDC_ID,
      // The client is authenticated in `signInFetch`, as at a refresh.
      client: { token_endpoint_auth_method: 'none' },
      checks: ['pkce', 'state', 'nonce'],
      authorization: { params: { ...AUTH_OIDC_PARAMS, scope: AUTH_OIDC_SCOPE } },
      // Auth.js's own fails for claims of types that it does not expect; names are read in `signInOf`.
      profile: ({ sub }) => ({ id: sub }),
      [customFetch]: signInFetch,
    }
  );
}

/** Signs in with a login and password of the API's own, where `UPSTREAM_LOGIN_PATH` says one. */
export const passwordLogin = 'password';
