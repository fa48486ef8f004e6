import { beforeEach, expect, test } from 'vitest';
import {
  endSessionUrl,
  redeemRefreshToken,
  revokeTokens,
} from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { bareAuthJs } from '../support/auth-js';
import { configure } from '../support/environment';
import { freePort } from '../support/free-port';
import { serve } from '../support/http-server';
import { APP_ORIGIN } from '../support/signed-in';

/** What browsers call the provider: no server of ours reaches it there. */
const issuer = `http://localhost:${await freePort()}`;
/** What its metadata calls it. */
let said = issuer;
const asked: string[] = [];
const provider = await serve((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  const metadata = {
    issuer: said,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke?by=us`,
    end_session_endpoint: `${issuer}/end`,
    jwks_uri: `${issuer}/jwks`,
  };
  const answer = request.url === '/token' ? { access_token: 'new', token_type: 'bearer' } : metadata;
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});

const authJs = bareAuthJs();
const tokens = { accessToken: 'a', refreshToken: 'r', idToken: 'i', expiresAt: null, renewAt: null };

function configureWith(changes: Record<string, string>): void {
  const absent = { AUTH_OIDC_DISCOVERY_URL: '', AUTH_OIDC_BACKCHANNEL_ORIGIN: '' };
  configure({ AUTH_URL: APP_ORIGIN, AUTH_OIDC_ISSUER: issuer, ...absent, ...changes });
  for (const memo of ['env', 'oidc']) Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
}

beforeEach(() => {
  asked.length = 0;
  said = issuer;
});

test('S16 our requests go to AUTH_OIDC_BACKCHANNEL_ORIGIN, and browsers to the issuer', async () => {
  configureWith({ AUTH_OIDC_BACKCHANNEL_ORIGIN: provider });
  const { location } = await authJs.begin();
  expect(location.href).toMatch(`${issuer}/auth?`);
  expect((await redeemRefreshToken('r', tokens)).kind).toBe('granted');
  expect((await revokeTokens(tokens)).kind).toBe('confirmed');
  expect(await endSessionUrl('i')).toMatch(`${issuer}/end?`);
  expect(asked).toEqual(['GET /.well-known/openid-configuration', 'POST /token', 'POST /revoke?by=us']);
});

test('S16 without it a provider that only browsers reach cannot be asked', async () => {
  configureWith({});
  expect((await authJs.begin()).location.pathname).toBe('/login');
  expect((await redeemRefreshToken('r', tokens)).kind).toBe('failed');
  expect(asked).toEqual([]);
});

test('S16 the metadata is read at AUTH_OIDC_DISCOVERY_URL', async () => {
  configureWith({
    AUTH_OIDC_BACKCHANNEL_ORIGIN: provider,
    AUTH_OIDC_DISCOVERY_URL: `${issuer}/tenant/metadata?p=policy`,
  });
  expect((await authJs.begin()).location.href).toMatch(`${issuer}/auth?`);
  expect(asked).toEqual(['GET /tenant/metadata?p=policy']);
});

test('S16 metadata of another issuer is refused, wherever it was read', async () => {
  said = 'https://evil.example';
  configureWith({ AUTH_OIDC_DISCOVERY_URL: `${provider}/metadata` });
  expect((await authJs.begin()).location.pathname).toBe('/login');
  expect((await redeemRefreshToken('r', tokens)).kind).toBe('failed');
  expect(asked[0]).toBe('GET /metadata');
});
