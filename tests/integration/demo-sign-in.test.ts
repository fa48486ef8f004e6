import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDemoServices } from '../../packages/demo/src/services';
import {
  ALICE,
  api,
  appOrigin,
  BOB,
  bearer,
  client,
  control,
  counters,
  demo,
  openForm,
  refresh,
  signIn,
  startFor,
} from '../support/demo-client';
import { CookieJar, signInAtProvider } from '../support/provider-login';

const NO_APP = 'http://localhost:1';

beforeEach(() => startFor(NO_APP));
afterEach(() => demo.stop());

describe('signing in', () => {
  test('a code exchanged with its verifier gives ID, access and refresh token', async () => {
    const tokens = await signIn(ALICE);
    expect(tokens.claims()).toMatchObject({ sub: 'alice', name: 'Alice Archer', email: 'alice@example.com' });
    expect(tokens).toMatchObject({ scope: 'notes', expires_in: 300, refresh_token: expect.any(String) });
    expect(await (await api('/me', tokens)).json()).toEqual({
      sub: 'alice',
      name: 'Alice Archer',
      email: 'alice@example.com',
    });
  });

  test('the form names its fields, has one button and no script, and comes back on a wrong password', async () => {
    const { formUrl, jar } = await openForm();
    const page = await (await fetch(formUrl, { headers: { cookie: jar.headerFor(formUrl) } })).text();
    expect(page).toContain('Demo identity provider</title>');
    expect(page.match(/name="(login|password)"/g)).toEqual(['name="login"', 'name="password"']);
    expect(page.match(/<button/g)).toHaveLength(1);
    expect(page).not.toContain('<script');

    const refused = await fetch(formUrl, {
      method: 'POST',
      headers: { cookie: jar.headerFor(formUrl) },
      body: new URLSearchParams({ login: '<alice>', password: 'wrong' }),
    });
    const refusal = await refused.text();
    expect(refused.status).toBe(401);
    expect(refusal).toContain('role="alert"');
    expect(refusal).toContain('value="&lt;alice&gt;"');
    expect(await counters()).toMatchObject({ loginRequests: 1 });
  });

  test('a wrong password signs no user in', async () => {
    await expect(signIn({ login: 'alice', password: 'wrong' })).rejects.toThrow('did not sign alice in: 401');
  });

  test('a form without its cookies shows that the sign-in has expired', async () => {
    const { formUrl } = await openForm();
    const answer = await fetch(formUrl);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('has expired')]);
  });

  test('an authorization request without PKCE is refused', async () => {
    const parameters = new URLSearchParams({
      client_id: demo.clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `${appOrigin}/api/auth/callback/oidc`,
    });
    await expect(signInAtProvider(`${demo.issuer}/auth?${parameters}`, ALICE)).resolves.toHaveProperty(
      'search',
      expect.stringContaining('error=invalid_request'),
    );
  });

  test('the provider remembers its user, and prompt=login asks again', async () => {
    const jar = new CookieJar();
    await signIn(ALICE, { jar });
    await signIn(ALICE, { jar });
    expect(await counters()).toMatchObject({ loginRequests: 1 });
    await signIn(ALICE, { jar, prompt: 'login' });
    expect(await counters()).toMatchObject({ loginRequests: 2 });
  });

  test('prompt=login lets another user sign in, without JavaScript, and signs the previous one out', async () => {
    const jar = new CookieJar();
    const former = await signIn(ALICE, { jar });
    const latter = await signIn(BOB, { jar, prompt: 'login' });
    expect(latter.claims()?.sub).toBe('bob');
    await expect(refresh(former)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await signIn(BOB, { jar })).claims()?.sub).toBe('bob');
    expect(await counters()).toMatchObject({ loginRequests: 2 });
  });

  test('two instances in one process share nothing', async () => {
    const other = await startDemoServices({ port: 0, appUrl: appOrigin });
    try {
      const tokens = await signIn(ALICE);
      const foreign = await fetch(`${other.apiUrl}/me`, bearer(tokens));
      expect(foreign.status).toBe(401);
      expect(await (await fetch(`${other.origin}/__demo/counters`)).json()).toMatchObject({
        tokenRequests: 0,
      });
    } finally {
      await other.stop();
    }
  });

  test('a taken port is an error with the code EADDRINUSE', async () => {
    const port = Number(new URL(demo.origin).port);
    await expect(startDemoServices({ port, appUrl: appOrigin })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

describe('refreshing', () => {
  test('a refresh rotates the token, and each one works once', async () => {
    const first = await signIn(ALICE);
    const second = await refresh(first);
    const third = await refresh(second);
    expect(new Set([first.refresh_token, second.refresh_token, third.refresh_token]).size).toBe(3);
    expect((await api('/me', third)).status).toBe(200);
    expect(await counters()).toMatchObject({
      tokenRequests: 3,
      refreshes: 2,
      redemptions: 2,
      refreshReuses: 0,
    });
  });

  test('a re-used token is refused and revokes its family', async () => {
    const first = await signIn(ALICE);
    const second = await refresh(first);
    await expect(refresh(first)).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    await expect(refresh(second)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await counters()).toMatchObject({ refreshes: 1, refreshReuses: 1 });
  });

  test('of two refreshes at the same moment with one token only one is answered', async () => {
    const tokens = await signIn(ALICE);
    const outcomes = await Promise.allSettled([refresh(tokens), refresh(tokens), refresh(tokens)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    expect((await counters())['refreshReuses']).toBeGreaterThanOrEqual(1);
  });

  test('revoking a family does not end another sign-in of the same browser', async () => {
    const jar = new CookieJar();
    const first = await signIn(ALICE, { jar });
    const second = await signIn(ALICE, { jar });
    await oidc.tokenRevocation(client, first.refresh_token ?? '');
    await expect(refresh(first)).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(refresh(second)).resolves.toBeDefined();
    expect(await counters()).toMatchObject({ revocations: 1, refreshReuses: 0 });
  });

  test('the lifetime knob sets the lifetime of the next token and its expires_in', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { accessTokenTtl: 7 });
    const refreshed = await refresh(tokens);
    const [, payload = ''] = refreshed.access_token.split('.');
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect([refreshed.expires_in, exp - iat]).toEqual([7, 7]);
  });

  test('without rotation the answer has no refresh token and the old one keeps working', async () => {
    const tokens = await signIn(ALICE);
    await control('knobs', { rotate: false });
    expect(await refresh(tokens)).not.toHaveProperty('refresh_token');
    await expect(refresh(tokens)).resolves.toBeDefined();
    expect(await counters()).toMatchObject({ refreshes: 2, refreshReuses: 0 });
  });
});
