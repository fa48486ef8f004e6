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

function configureClient(id: string, secret: string, method = ''): void {
  const client = { AUTH_OIDC_ID: id, AUTH_OIDC_SECRET: secret, AUTH_OIDC_CLIENT_AUTH: method };
  Object.assign(process.env, client);
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

/** Signs in, refreshes and revokes; returns how the provider saw each of them authenticated. */
async function authentications() {
  provider.authentications.length = 0;
  provider.forms.length = 0;
  await (await begin()).finish();
  await redeemRefreshToken('r', tokens);
  await revokeTokens(tokens);
  return provider.forms.map((form, n) => [
    provider.authentications[n] ?? null,
    form.get('client_id'),
    form.get('client_secret'),
  ]);
}

const SECRET = 'a-secret_with.marks~+ %';
const BASIC = `Basic ${Buffer.from('my-client:a-secret_with.marks~%2B+%25').toString('base64')}`;

test.each([
  ['HTTP Basic where the provider says nothing', undefined, '', [BASIC, null, null]],
  ['HTTP Basic where it offers both', ['client_secret_post', 'client_secret_basic'], '', [BASIC, null, null]],
  ['the form where it offers nothing else', ['client_secret_post'], '', [null, 'my-client', SECRET]],
  ['HTTP Basic where it offers what we cannot do', ['private_key_jwt'], '', [BASIC, null, null]],
  ['the form where that is configured', undefined, 'client_secret_post', [null, 'my-client', SECRET]],
  ['HTTP Basic where that is configured', ['client_secret_post'], 'client_secret_basic', [BASIC, null, null]],
])('T20 every request authenticates by %s', async (_, offered, method, expected) => {
  provider.clientAuthentications = offered;
  configureClient('my-client', SECRET, method);
  expect(await authentications()).toEqual([expected, expected, expected]);
});

test('T20 a public client sends its id and no secret, and proves itself by PKCE', async () => {
  provider.clientAuthentications = undefined;
  configureClient('my-client', '', 'none');
  const expected = [null, 'my-client', null];
  expect(await authentications()).toEqual([expected, expected, expected]);
  expect(provider.forms[0]?.get('code_verifier')).toMatch(/^[\w-]{43,}$/);
});
