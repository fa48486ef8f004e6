import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { redeemRefreshToken } from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { bareAuthJs } from '../support/auth-js';
import { configure } from '../support/environment';
import { serve } from '../support/http-server';
import { APP_ORIGIN } from '../support/signed-in';

/** The forms that came to the token endpoint. */
const forms: URLSearchParams[] = [];
const provider = await serve(async (request, response) => {
  const isToken = request.url === '/token';
  if (isToken) forms.push(new URLSearchParams(await text(request)));
  const metadata = {
    issuer: provider,
    authorization_endpoint: `${provider}/auth`,
    token_endpoint: `${provider}/token`,
    jwks_uri: `${provider}/jwks`,
  };
  const answer = isToken ? { access_token: 'new', token_type: 'bearer' } : metadata;
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});

const RESOURCE = 'https://api.example.com/v1?x=y';
const authJs = bareAuthJs();
const tokens = { accessToken: 'a', refreshToken: 'r', idToken: 'i', expiresAt: null, renewAt: null };

function configureWith(params: string): void {
  configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: provider, AUTH_OIDC_PARAMS: params });
  for (const memo of ['env', 'oidc']) Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
  forms.length = 0;
}

test('S16 AUTH_OIDC_PARAMS are in the authorization request, beside what the sign-in sets by itself', async () => {
  configureWith('audience=https%3A%2F%2Fapi.example.com&access_type=offline&prompt=consent');
  const { location } = await authJs.begin();
  expect(location.href).toContain(`${provider}/auth?`);
  expect(Object.fromEntries(location.searchParams)).toMatchObject({
    audience: 'https://api.example.com',
    access_type: 'offline',
    prompt: 'consent',
    scope: 'openid profile email offline_access',
    response_type: 'code',
    code_challenge_method: 'S256',
  });
});

test('S16 a resource of AUTH_OIDC_PARAMS is sent with each refresh, as RFC 8707 has it, and nothing else of them', async () => {
  configureWith(`resource=${encodeURIComponent(RESOURCE)}&audience=x`);
  expect((await authJs.begin()).location.searchParams.get('resource')).toBe(RESOURCE);
  expect((await redeemRefreshToken('r', tokens)).kind).toBe('granted');
  expect(forms.map((form) => Object.fromEntries(form))).toEqual([
    { grant_type: 'refresh_token', refresh_token: 'r', resource: RESOURCE },
  ]);
});

test('S16 without AUTH_OIDC_PARAMS a refresh has no resource', async () => {
  configureWith('');
  await redeemRefreshToken('r', tokens);
  expect(forms.map((form) => [...form.keys()])).toEqual([['grant_type', 'refresh_token']]);
});
