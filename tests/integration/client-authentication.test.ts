import fc from 'fast-check';
import { NextRequest } from 'next/server.js';
import NextAuth from 'next-auth';
import { expect, test } from 'vitest';
import { authConfig } from '../../packages/next-trpc-bff/src/auth/sign-in/auth-config';
import { identityProvider } from '../../packages/next-trpc-bff/src/auth/sign-in/providers';
import { redeemRefreshToken, revokeTokens } from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { configure } from '../support/environment';
import { CookieJar } from '../support/provider-login';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { APP_ORIGIN } from '../support/signed-in';

const provider = await startScriptedIssuer();
configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: provider.origin });

/** Auth.js as it is configured, without what is around it: that asks Next for the request. */
const { handlers } = NextAuth(() => authConfig([identityProvider()].filter((way) => way !== null)));

/** Goes through a sign-in up to the provider's token endpoint, which does not accept the code. */
async function exchangeCode(): Promise<void> {
  const jar = new CookieJar();
  const ask = async (path: string, body?: URLSearchParams) => {
    const url = new URL(`/api/auth${path}`, APP_ORIGIN);
    const headers = { cookie: jar.headerFor(url) };
    const request = new NextRequest(url, body ? { method: 'POST', headers, body } : { headers });
    const response = await (body ? handlers.POST(request) : handlers.GET(request));
    jar.remember(response);
    return response;
  };
  const { csrfToken } = await (await ask('/csrf')).json();
  const begun = await ask('/signin/oidc', new URLSearchParams({ csrfToken }));
  const { searchParams } = new URL(begun.headers.get('location') ?? '');
  await ask(
    `/callback/oidc?${new URLSearchParams({ code: 'code', state: searchParams.get('state') ?? '' })}`,
  );
}

const tokens = { accessToken: 'a', refreshToken: 'r', idToken: null, expiresAt: null, renewAt: null };

function configureClient(id: string, secret: string): void {
  Object.assign(process.env, { AUTH_OIDC_ID: id, AUTH_OIDC_SECRET: secret });
  for (const memo of ['env', 'oidc']) Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
}

const ASCII = String.fromCharCode(...Array.from({ length: 127 }, (_, n) => n + 1));
const LATIN_1 = String.fromCharCode(...Array.from({ length: 128 }, (_, n) => n + 128));

test('T20 code exchange, refresh and revocation authenticate with the same bytes, whatever the client’s id and secret', async () => {
  // The system takes no NUL in an environment variable.
  const text = fc.string({ minLength: 1, unit: 'binary' }).filter((value) => !value.includes('\0'));
  await fc.assert(
    fc.asyncProperty(text, text, async (id, secret) => {
      configureClient(id, secret);
      provider.authentications.length = 0;
      await exchangeCode();
      await redeemRefreshToken('r', tokens);
      await revokeTokens(tokens);
      const [atSignIn] = provider.authentications;
      expect(atSignIn).toMatch(/^Basic \S+$/);
      expect(provider.authentications).toEqual([atSignIn, atSignIn, atSignIn]);
    }),
    {
      examples: [
        ['client', "a-secret_with.the!marks~that*everybody'(writes)"],
        [ASCII, ASCII],
        [LATIN_1, LATIN_1],
      ],
    },
  );
});
