import { NextRequest } from 'next/server.js';
import NextAuth from 'next-auth';
import { authConfig } from '../../packages/next-trpc-bff/src/auth/sign-in/auth-config';
import { identityProvider, signInOf } from '../../packages/next-trpc-bff/src/auth/sign-in/providers';
import type { SignIn } from '../../packages/next-trpc-bff/src/auth/tokens/issuer-answers';
import { CookieJar } from './provider-login';
import { APP_ORIGIN } from './signed-in';

/** A sign-in that a browser has begun. */
export interface BegunSignIn {
  /** Where Auth.js sends the browser: to the provider, or to `/login` when it cannot begin. */
  readonly location: URL;
  /** Comes back from the provider with a code. Returns where Auth.js sends the browser then. */
  finish(): Promise<URL>;
}

/** Auth.js as it is configured, without the session that follows: that asks Next for the request. */
export interface BareAuthJs {
  begin(): Promise<BegunSignIn>;
  /** The sign-ins that were completed. */
  readonly signIns: SignIn[];
}

/** Makes it from the environment. */
export function bareAuthJs(): BareAuthJs {
  const signIns: SignIn[] = [];
  const { handlers } = NextAuth(() => {
    const {
      jwt: _,
      callbacks: __,
      ...config
    } = authConfig([identityProvider()].filter((way) => way !== null));
    const keep: NonNullable<typeof __>['jwt'] = async ({ token, account, profile }) => {
      if (account) signIns.push(await signInOf(account, profile));
      return token;
    };
    return { ...config, callbacks: { jwt: keep } };
  });
  return {
    signIns,
    async begin() {
      const jar = new CookieJar();
      const ask = async (path: string, body?: URLSearchParams) => {
        const url = new URL(`/api/auth${path}`, APP_ORIGIN);
        const headers = { cookie: jar.headerFor(url) };
        const request = new NextRequest(url, body ? { method: 'POST', headers, body } : { headers });
        const response = await (body ? handlers.POST(request) : handlers.GET(request));
        jar.remember(response);
        return response;
      };
      const locationOf = (response: Response) => new URL(response.headers.get('location') ?? '', APP_ORIGIN);
      const { csrfToken } = await (await ask('/csrf')).json();
      const location = locationOf(await ask('/signin/oidc', new URLSearchParams({ csrfToken })));
      return {
        location,
        async finish() {
          const state = location.searchParams.get('state') ?? '';
          return locationOf(await ask(`/callback/oidc?${new URLSearchParams({ code: 'code', state })}`));
        },
      };
    },
  };
}
