import { expect, test } from 'vitest';
import { answerBackchannelLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/backchannel-logout';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { isDueForRenewal } from '../../packages/next-trpc-bff/src/auth/tokens/session-token';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { appRouter } from '../../server/router';
import { createCallerFactory } from '../../server/trpc';
import { signInWithPassword } from '../support/password-session';
import { APP_ORIGIN, startUpstream } from '../support/signed-in';

/** Nothing but a login path: no identity provider, nothing to refresh or to sign out at. */
const upstream = await startUpstream({
  AUTH_OIDC_ISSUER: '',
  AUTH_OIDC_ID: '',
  AUTH_OIDC_SECRET: '',
  UPSTREAM_LOGIN_PATH: '/login',
});
const listNotes = (headers: Headers) =>
  createCallerFactory(appRouter)(createContext({ headers })).notes.list({ limit: 1 });

test('T17 without a refresh path a token is used until the API rejects it, then the session ends', async () => {
  await upstream.control('knobs', { accessTokenTtl: 1 });
  const alice = await signInWithPassword();
  await expect(listNotes(alice)).resolves.toMatchObject({ items: [{}] });
  const state = await sessionState(alice);
  expect(state.status === 'live' && isDueForRenewal(state.session)).toBe(false);
  await upstream.control('expire', { user: 'alice' });
  await expect(listNotes(alice)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect((await sessionState(alice)).status).toBe('dead');
  expect(await upstream.counters()).toMatchObject({ tokenRequests: 0 });
});

test('T17, L5 without a logout path a sign-out ends the session here', async () => {
  const alice = await signInWithPassword();
  const response = await signOut(new Request(`${APP_ORIGIN}/logout`, { method: 'POST', headers: alice }));
  expect(response.headers.get('location')).toBe('/login?reason=signed-out');
  expect((await sessionState(alice)).status).toBe('dead');
  expect(await upstream.counters()).toMatchObject({ revocations: 0 });
});

test('L9 without an identity provider the back-channel logout is 404', async () => {
  const request = new Request(`${APP_ORIGIN}/api/backchannel-logout`, { method: 'POST', body: 'x' });
  expect((await answerBackchannelLogout(request)).status).toBe(404);
});
