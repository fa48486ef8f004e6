import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../packages/demo/src/loopback';
import {
  ALICE,
  api,
  appOrigin,
  BOB,
  control,
  counters,
  demo,
  endSession,
  leaveDuring,
  refresh,
  requestRefresh,
  signIn,
  startFor,
} from '../support/demo-client';
import { CookieJar } from '../support/provider-login';

const NO_APP = 'http://localhost:1';

beforeEach(() => startFor(NO_APP));
afterEach(() => demo.stop());

describe('faults at the token endpoint', () => {
  test('a fault before redemption leaves the refresh token usable', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { status: 503 } });
    await expect(refresh(tokens)).rejects.toMatchObject({ cause: { status: 503 } });
    await control('knobs', {});
    await expect(refresh(tokens)).resolves.toBeDefined();
    expect(await counters()).toMatchObject({ refreshes: 1, redemptions: 1, refreshReuses: 0 });
  });

  test('a fault after redemption leaves the refresh token used', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { status: 503, faultAt: 'after' } });
    await expect(refresh(tokens)).rejects.toMatchObject({ cause: { status: 503 } });
    expect(await counters()).toMatchObject({ refreshes: 0, redemptions: 1 });
    await control('knobs', {});
    await expect(refresh(tokens)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await counters()).toMatchObject({ refreshReuses: 1 });
  });

  test('a named error is answered with 400, or with the status given', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { error: 'invalid_grant' } });
    await expect(refresh(tokens)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await control('knobs', { token: { error: 'invalid_client', status: 401 } });
    await expect(refresh(tokens)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      status: 401,
    });
  });

  test('a caller that disconnects during a delay before redemption has not redeemed, and during one after it has', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { token: { delayMs: 60_000 } });
    await leaveDuring((signal) => requestRefresh(tokens, signal), 'tokenRequests');
    await control('knobs', {});
    const refreshed = await refresh(tokens);
    await control('knobs', { token: { delayMs: 60_000, faultAt: 'after' } });
    await leaveDuring((signal) => requestRefresh(refreshed, signal), 'redemptions');
    await control('knobs', {});
    await expect(refresh(refreshed)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('ending what a user has', () => {
  test('expire rejects the access tokens issued so far and none issued later', async () => {
    const [alice, bob] = await Promise.all([signIn(ALICE), signIn(BOB)]);
    await control('expire', { user: 'alice' });
    const refreshed = await refresh(alice);
    expect((await api('/notes', alice)).status).toBe(401);
    expect((await api('/notes', refreshed)).status).toBe(200);
    expect((await api('/notes', bob)).status).toBe(200);
  });

  test('revoke ends grants, access tokens and the session at the provider', async () => {
    const jar = new CookieJar();
    const [alice, bob] = await Promise.all([signIn(ALICE, { jar }), signIn(BOB)]);
    await control('revoke', { user: 'alice' });
    expect((await api('/notes', alice)).status).toBe(401);
    await expect(refresh(alice)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await api('/notes', bob)).status).toBe(200);
    await expect(refresh(bob)).resolves.toBeDefined();
    await signIn(ALICE, { jar });
    expect(await counters()).toMatchObject({ loginRequests: 3, refreshReuses: 0 });
  });

  test('end-session with an ID token redirects straight back and signs the user out', async () => {
    const jar = new CookieJar();
    const tokens = await signIn(ALICE, { jar });
    expect(await endSession(tokens, jar)).toEqual({ status: 303, location: `${appOrigin}/login?state=s1` });
    await expect(refresh(tokens)).rejects.toMatchObject({ error: 'invalid_grant' });
    await signIn(ALICE, { jar });
    expect(await counters()).toMatchObject({ loginRequests: 2 });
  });

  test('end-session sends the app a back-channel logout for the session that ended', async () => {
    const received: { path: string | undefined; body: string }[] = [];
    const app = await listenOnLoopback(0);
    app.serve(async (request, response) => {
      received.push({ path: request.url, body: await text(request) });
      response.end();
    });
    try {
      await demo.stop();
      await startFor(`http://localhost:${app.port}`);
      const jar = new CookieJar();
      const tokens = await signIn(ALICE, { jar });
      await endSession(tokens, jar);
      expect(received.map(({ path }) => path)).toEqual(['/api/backchannel-logout']);
      const token = new URLSearchParams(received[0]?.body).get('logout_token') ?? '';
      const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${demo.issuer}/jwks`)), {
        issuer: demo.issuer,
        audience: demo.clientId,
        typ: 'logout+jwt',
      });
      expect(payload).toMatchObject({
        sub: 'alice',
        sid: tokens.claims()?.['sid'],
        events: expect.any(Object),
      });
    } finally {
      await app.close();
    }
  });

  test('end-session redirects straight back when the provider has no session either', async () => {
    const tokens = await signIn(ALICE);
    expect(await endSession(tokens, new CookieJar())).toEqual({
      status: 303,
      location: `${appOrigin}/login?state=s1`,
    });
  });

  test('end-session without an ID token asks for confirmation, and an address of another site is refused', async () => {
    const jar = new CookieJar();
    const tokens = await signIn(ALICE, { jar });
    const bare = new URL(`${demo.issuer}/session/end`);
    const asked = await fetch(bare, { headers: { cookie: jar.headerFor(bare) }, redirect: 'manual' });
    expect([asked.status, await asked.text()]).toEqual([
      200,
      expect.stringContaining('Do you want to sign out?'),
    ]);
    expect(await endSession(tokens, jar, 'https://elsewhere.example/login')).toEqual({
      status: 400,
      location: null,
    });
  });
});
