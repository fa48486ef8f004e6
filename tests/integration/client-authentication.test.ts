import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redeemRefreshToken, revokeTokens } from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { bareAuthJs } from '../support/auth-js';
import { configure } from '../support/environment';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { APP_ORIGIN } from '../support/signed-in';

const provider = await startScriptedIssuer();
configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: provider.origin });

const { begin } = bareAuthJs();

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
      await (await begin()).finish();
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
