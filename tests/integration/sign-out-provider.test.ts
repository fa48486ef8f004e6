import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { configure } from '../support/environment';
import { type Refusal, startScriptedIssuer } from '../support/scripted-issuer';
import { whileStoreIsDown } from '../support/session-rows';

const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });
const databaseFile = process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '';

const granted = {
  subject: 'alice',
  issuer: provider.origin,
  providerSid: null,
  profile: { name: null, email: null, picture: null },
  tokens: { accessToken: 'access', refreshToken: 'refresh', idToken: 'id', expiresAt: null, renewAt: null },
};
const signedIn = async (idToken = 'id') => {
  const signIn = { ...granted, tokens: { ...granted.tokens, idToken } };
  return browserHeaders(`bff-session=${await startSession(signIn, new Headers())}`);
};
const submit = (headers: Headers) =>
  signOut(new Request('http://localhost:3000/logout', { method: 'POST', headers }));

/** The process knows the provider's metadata from its first use on. */
const forgetMetadata = () => Reflect.deleteProperty(globalThis, Symbol.for('next-trpc-bff.oidc'));

beforeEach(() => {
  provider.publishes = 'everything';
  forgetMetadata();
  provider.revocationAnswer = 'confirm';
  provider.refusal = null;
  provider.requests.revocations = 0;
});

test('L6 the current refresh token is revoked once, and the provider signs the user out too', async () => {
  const response = await submit(await signedIn());
  expect(provider.requests.revocations).toBe(1);
  expect(response.headers.get('location')).toMatch(new RegExp(`^${provider.origin}/end\\?`));
});

test.each(['hang', 'reset', 'fail'] as const)(
  'L6 a provider that does %s neither delays the sign-out beyond its bound nor breaks it',
  async (answer) => {
    provider.revocationAnswer = answer;
    const alice = await signedIn();
    const response = await submit(alice);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/login?reason=signed-out');
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'signed-out' });
    expect(provider.requests.revocations).toBe(1);
  },
);

test.each<Refusal>([
  { status: 400, body: { error: 'unsupported_token_type' } },
  { status: 401, body: { error: 'invalid_client' } },
  { status: 401, challenge: 'Basic realm="id"', body: { error: 'invalid_client' } },
  { status: 401, challenge: 'Basic realm="id"' },
])(
  'L5 a provider that refuses the revocation by %j has answered, and signs the user out too',
  async (refusal) => {
    provider.refusal = refusal;
    const response = await submit(await signedIn());
    expect(response.headers.get('location')).toMatch(new RegExp(`^${provider.origin}/end\\?`));
  },
);

test.each<Refusal>([{ status: 204 }, { status: 202, body: '' }, { status: 200, body: {} }])(
  'L5 a provider that confirms the revocation by %j has answered, and signs the user out too',
  async (confirmation) => {
    provider.refusal = confirmation;
    const response = await submit(await signedIn());
    expect(response.headers.get('location')).toMatch(new RegExp(`^${provider.origin}/end\\?`));
  },
);

test('L13 the way to the provider’s end-session page stays below 2,000 characters: a longer id token is left out, and client_id is sent', async () => {
  const wayOf = async (idToken: string) =>
    (await submit(await signedIn(idToken))).headers.get('location') ?? '';
  const room = 2_000 - (await wayOf('x')).length;
  for (const length of [room - 1, room, room + 1, 2_000, 20_000]) {
    const idToken = 'x'.repeat(length);
    const way = await wayOf(idToken);
    expect(way.length, String(length)).toBeLessThan(2_000);
    const { searchParams } = new URL(way);
    expect(searchParams.get('id_token_hint'), String(length)).toBe(length > room ? null : idToken);
    expect(searchParams.get('client_id')).toBe('the-client');
    expect(searchParams.get('post_logout_redirect_uri')).toBe('http://localhost:3000/login');
  }
});

describe('L5 a provider that offers no revocation', () => {
  beforeEach(() => {
    provider.publishes = 'no-revocation';
  });

  test('signs the user out too, once it has answered', async () => {
    const response = await submit(await signedIn());
    expect(response.headers.get('location')).toMatch(new RegExp(`^${provider.origin}/end\\?`));
    expect(provider.requests.revocations).toBe(0);
  });

  test('and does not answer gets no redirect', async () => {
    await submit(await signedIn());
    provider.publishes = 'nothing';
    const response = await submit(await signedIn());
    expect(response.headers.get('location')).toBe('/login?reason=signed-out');
  });
});

test('R2 a sign-in that cannot be stored fails at once, however long the provider takes to revoke its tokens', async () => {
  provider.revocationAnswer = 'hang';
  const order: string[] = [];
  const told = whileStoreIsDown({ databaseFile }, () =>
    startSession(granted, new Headers()).catch(() => order.push('told')),
  );
  await expect.poll(() => provider.requests.revocations).toBe(1);
  order.push('revoking');
  await told;
  expect(order).toEqual(['told', 'revoking']);
});

test.each([
  ['that was there before', () => {}],
  ['that was never reached', () => Reflect.deleteProperty(globalThis, Symbol.for('next-trpc-bff.oidc'))],
])('L6 a provider that refuses connections, one %s, delays no sign-out', async (_, forgetAddress) => {
  await provider.stop();
  forgetAddress();
  const alice = await signedIn();
  // With the bound's clock stopped, only the refusal itself can let the sign-out go on.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const response = await submit(alice);
  expect(response.status).toBe(303);
  expect(response.headers.get('location')).toBe('/login?reason=signed-out');
  expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'signed-out' });
  expect(provider.requests.revocations).toBe(0);
});
