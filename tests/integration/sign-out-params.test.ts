import { expect, test } from 'vitest';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { configure } from '../support/environment';
import { serve } from '../support/http-server';

/** What the provider's metadata names as its end-session page, if it does. */
let endSession: Record<string, string> = {};
const provider = await serve((_, response) => {
  const metadata = { issuer: provider, token_endpoint: `${provider}/token`, ...endSession };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(metadata));
});
const RETURN_TO = 'http://localhost:3000/login';
configure({ AUTH_OIDC_ISSUER: provider, AUTH_OIDC_ID: 'the client' });

interface Case {
  readonly metadata?: Record<string, string>;
  readonly params?: string;
  readonly idToken?: string | null;
}

/** Signs in and out; returns where the browser goes then. */
async function wayOut({ metadata = {}, params = '', idToken = 'id' }: Case): Promise<URL> {
  endSession = metadata;
  process.env['AUTH_OIDC_LOGOUT_PARAMS'] = params;
  for (const memo of ['env', 'oidc']) Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${memo}`));
  const tokens = { accessToken: 'a', refreshToken: null, idToken, expiresAt: null, renewAt: null };
  const profile = { name: null, email: null, picture: null };
  const granted = { subject: 'alice', issuer: provider, providerSid: null, profile, tokens };
  const alice = browserHeaders(`bff-session=${await startSession(granted, new Headers())}`);
  const response = await signOut(
    new Request('http://localhost:3000/logout', { method: 'POST', headers: alice }),
  );
  expect((await sessionState(alice)).status).toBe('dead');
  const location = response.headers.get('location') ?? '';
  expect(location.length).toBeLessThan(2_000);
  return new URL(location, RETURN_TO);
}

const named = { end_session_endpoint: `${provider}/end` };
const shown = ({ origin, pathname, searchParams }: URL) => [
  origin === provider ? pathname : origin + pathname,
  Object.fromEntries(searchParams),
];

test.each<[who: string, given: Case, page: string, sent: Record<string, string>]>([
  [
    'OpenID Connect',
    { metadata: named },
    '/end',
    { client_id: 'the client', id_token_hint: 'id', post_logout_redirect_uri: RETURN_TO },
  ],
  [
    'Cognito',
    { metadata: named, params: 'client_id={client_id}&logout_uri={return_to}' },
    '/end',
    { client_id: 'the client', logout_uri: RETURN_TO },
  ],
  [
    'Auth0’s own page',
    { params: '/v2/logout?client_id={client_id}&returnTo={return_to}' },
    '/v2/logout',
    { client_id: 'the client', returnTo: RETURN_TO },
  ],
  [
    'a page on another host, before the one that the metadata names',
    { metadata: named, params: 'https://login.example/out?next={return_to}&app=x%26y' },
    'https://login.example/out',
    { next: RETURN_TO, app: 'x&y' },
  ],
  [
    'the standard, and more',
    {
      metadata: named,
      params:
        '?id_token_hint={id_token}&post_logout_redirect_uri={return_to}&ui_locales=de&state=a-{client_id}',
    },
    '/end',
    {
      id_token_hint: 'id',
      post_logout_redirect_uri: RETURN_TO,
      ui_locales: 'de',
      state: 'a-the client',
    },
  ],
  ['a page without parameters', { params: '/signout' }, '/signout', {}],
  [
    'Azure AD B2C, whose page has a parameter of its own',
    { metadata: { end_session_endpoint: `${provider}/out?p=b2c_1_in` } },
    '/out',
    { p: 'b2c_1_in', client_id: 'the client', id_token_hint: 'id', post_logout_redirect_uri: RETURN_TO },
  ],
])('L14 the way out is that of %s', async (_, given, page, sent) => {
  expect(shown(await wayOut(given))).toEqual([page, sent]);
});

test.each([
  ['a session without an id token', null],
  ['an id token that is too long', 'x'.repeat(2_000)],
])('L13 of %s the provider is told by client_id who asks', async (_, idToken) => {
  expect(shown(await wayOut({ metadata: named, idToken }))).toEqual([
    '/end',
    { client_id: 'the client', post_logout_redirect_uri: RETURN_TO },
  ]);
  const params = 'hint={id_token}&to={return_to}';
  expect(shown(await wayOut({ metadata: named, params, idToken }))).toEqual(['/end', { to: RETURN_TO }]);
});

test('L13 an address that would be too long without an id token, too, is no way out', async () => {
  const metadata = { end_session_endpoint: `${provider}/${'x'.repeat(2_000)}` };
  expect((await wayOut({ metadata })).pathname).toBe('/login');
});

test('L5 a provider that names no page, and for which none is configured, is not visited', async () => {
  expect((await wayOut({})).pathname).toBe('/login');
});
