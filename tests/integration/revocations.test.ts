import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { revokeInBackground } from '../../packages/next-trpc-bff/src/auth/tokens/revoke';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { REVOCATION_LIMITS } from '../../packages/next-trpc-bff/src/runtime/limits';
import { newSessionToken, recordKeyOf, sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import { sessionState, sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory, protectedProcedure, router } from '../../server/trpc';
import { describeWithBothStores } from '../support/both-stores';
import { browserHeaders } from '../support/browser-headers';
import { callerFor } from '../support/calling';
import { configure } from '../support/environment';
import { serve } from '../support/http-server';
import { sampleRecord } from '../support/sample-record';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { turnstile } from '../support/turnstile';

const SESSIONS = 1_400;

const provider = await startScriptedIssuer();
const revokedAtApi: string[] = [];
const revokingAtApi = turnstile();
const api = await serve(async (request, response) => {
  if (request.url === '/logout') {
    revokedAtApi.push(JSON.parse(await text(request)).refresh_token);
    await revokingAtApi.enter(response);
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});
configure({
  AUTH_OIDC_ISSUER: provider.origin,
  UPSTREAM_URL: api,
  UPSTREAM_LOGIN_PATH: '/login',
  UPSTREAM_LOGOUT_PATH: '/logout',
});
provider.tokenAnswer = { access_token: 'renewed', token_type: 'bearer', expires_in: 3_600 };

const calls = createCallerFactory(
  router({
    mine: protectedProcedure.query(({ ctx }) => ctx.upstream.get('/x', { output: z.object({}) })),
  }),
);
const call = (headers: Headers) => calls(createContext({ headers })).mine();

const tokensWith = (refreshToken: string, renewAt: number | null = null) => ({
  accessToken: 'access',
  refreshToken,
  idToken: 'id',
  expiresAt: renewAt,
  renewAt,
});

/** A session that is in the store already. */
async function stored(subject: string, issuer: string, tokens: ReturnType<typeof tokensWith>) {
  const sessionToken = newSessionToken();
  const key = recordKeyOf(sessionToken);
  const sealedTokens = sealTokens(tokens, key);
  await sessionStore().create(sampleRecord({ key, subject, issuer, providerSid: null, sealedTokens }));
  return browserHeaders(`bff-session=${sessionToken}`);
}

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name} ${n}`);

await describeWithBothStores('S21 with sessions in %s', () => {
  describe.each([
    ['the identity provider', provider.origin, provider.revoked, provider.revoking],
    ['the API', api, revokedAtApi, revokingAtApi],
  ])(`ending ${SESSIONS} whose tokens are from %s`, (name, issuer, revoked, revoking) => {
    beforeEach(() => {
      revoked.splice(0);
      revoking.close();
    });
    afterEach(() => revoking.release());

    test('ending many sessions waits for no revocation, does not flood the issuer, and delays no other user', {
      timeout: 120_000,
    }, async () => {
      const subject = `alice of ${name}`;
      const names = numbered('refresh', SESSIONS);
      const others: Headers[] = [];
      for (const token of names) others.push(await stored(subject, issuer, tokensWith(token)));
      const own = await stored(subject, issuer, tokensWith('own'));
      const bobs = await Promise.all([
        // Each of these has its token renewed first.
        ...numbered('bob', 10).map((bob) => stored(bob, provider.origin, tokensWith('old', 1))),
        ...numbered('bob', 10).map((bob) => stored(bob, api, tokensWith('kept'))),
      ]);

      const ending = callerFor(own).session.revokeOthers();
      expect(await Promise.all(bobs.map(call))).toEqual(bobs.map(() => ({})));
      expect(await ending).toEqual({ ended: SESSIONS });
      await expect.poll(() => revoking.inside).toBe(REVOCATION_LIMITS.background);
      expect(await Promise.all(bobs.map(call))).toEqual(bobs.map(() => ({})));

      revoking.release();
      await expect.poll(() => revoked.length, { timeout: 90_000 }).toBe(SESSIONS);
      expect([...revoked].sort()).toEqual(names.sort());
      expect(revoking.most).toBe(REVOCATION_LIMITS.background);
      for (const headers of others)
        expect(await sessionState(headers)).toMatchObject({ status: 'dead', endReason: 'revoked' });
      expect((await sessionState(own)).status).toBe('live');
    });
  });
});

describe('S21 while revocations are queued for an API that does not answer', () => {
  const revoke = (name: string) => revokeInBackground({ record: { issuer: api }, tokens: tokensWith(name) });
  const flood = numbered('flood', REVOCATION_LIMITS.background);
  beforeEach(async () => {
    revokedAtApi.splice(0);
    revokingAtApi.close();
    flood.map(revoke);
    await expect.poll(() => revokingAtApi.inside).toBe(REVOCATION_LIMITS.background);
  });
  afterEach(() => revokingAtApi.release());

  test('L6 a user who signs out passes the queue, and reaches the provider’s end-session page', async () => {
    revoke('waiting');
    const headers = await stored('carol', provider.origin, tokensWith("carol's"));
    const response = await signOut(new Request('http://localhost:3000/logout', { method: 'POST', headers }));
    expect(response.headers.get('location')).toMatch(new RegExp(`^${provider.origin}/end\\?`));
    expect(provider.revoked).toContain("carol's");
    expect(revokedAtApi).not.toContain('waiting');
    revokingAtApi.release();
    await expect.poll(() => revokedAtApi).toContain('waiting');
  });

  test('one that stays queued too long is dropped', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    revoke('too late');
    vi.advanceTimersByTime(REVOCATION_LIMITS.waitMs);
    vi.useRealTimers();
    revoke('in time');
    revokingAtApi.release();
    await expect.poll(() => revokedAtApi).toContain('in time');
    expect(revokedAtApi).not.toContain('too late');
  });
});
