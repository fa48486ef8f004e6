import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import type { Tokens } from '../../packages/next-trpc-bff/src/session/record';
import { sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';
import { sessionState, sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { createCallerFactory, protectedProcedure, router } from '../../server/trpc';
import { browserHeaders } from '../support/browser-headers';
import { callerFor, liveSession } from '../support/calling';
import { configure } from '../support/environment';
import { serve } from '../support/http-server';
import { startScriptedIssuer } from '../support/scripted-issuer';

const provider = await startScriptedIssuer();
const api = await serve((request, response) => {
  const status = request.headers.authorization === 'Bearer newer' ? 200 : 401;
  response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
});
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client', UPSTREAM_URL: api });

const STORE = Symbol.for('next-trpc-bff.session-store');
const store = sessionStore();
const calls = router({
  mine: protectedProcedure.query(({ ctx }) => ctx.upstream.get('/x', { output: z.object({}) })),
});
const call = (headers: Headers) => createCallerFactory(calls)(createContext({ headers })).mine();
const tokens = (name: string, refreshToken: string | null = `${name} refresh`): Tokens => ({
  accessToken: name,
  refreshToken,
  idToken: null,
  expiresAt: null,
  renewAt: null,
});

async function signedIn(granted = tokens('old')): Promise<Headers> {
  const profile = { name: null, email: null, picture: null };
  const signIn = { subject: 'alice', issuer: provider.origin, providerSid: null, profile, tokens: granted };
  return browserHeaders(`bff-session=${await startSession(signIn, new Headers())}`);
}

/** Another process saves newer tokens right before this one ends the session. */
function renewElsewhereAtTheEnd(): void {
  let isRenewed = false;
  const endRecord: SessionStore['endRecord'] = async (key, ...rest) => {
    const version = (await store.read(key))?.tokenVersion ?? 0;
    if (!isRenewed) isRenewed = await store.saveTokens(key, version, sealTokens(tokens('newer'), key));
    return store.endRecord(key, ...rest);
  };
  Object.assign(globalThis, { [STORE]: { ...store, endRecord } });
}

beforeEach(() => provider.revoked.splice(0));
afterEach(() => Object.assign(globalThis, { [STORE]: store }));

describe('L6, L8 the tokens that are revoked are those that the session ended with', () => {
  test('when its user signs out', async () => {
    const alice = await signedIn();
    renewElsewhereAtTheEnd();
    await signOut(new Request('http://localhost:3000/logout', { method: 'POST', headers: alice }));
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'signed-out' });
    expect(provider.revoked).toEqual(['newer refresh']);
  });

  test('when it is revoked from another session', async () => {
    const [laptop, phone] = [await signedIn(), await signedIn()];
    const { publicId } = (await liveSession(phone)).record;
    renewElsewhereAtTheEnd();
    await callerFor(laptop).session.revoke({ id: publicId });
    expect(await sessionState(phone)).toMatchObject({ status: 'dead', endReason: 'revoked' });
    await expect.poll(() => provider.revoked).toEqual(['newer refresh']);
  });
});

describe('T8, T11 rejected tokens do not end a session that has newer ones by then', () => {
  test('the call goes on with them where its own could not be renewed', async () => {
    const alice = await signedIn(tokens('old', null));
    renewElsewhereAtTheEnd();
    await expect(call(alice)).resolves.toEqual({});
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('the call fails with SERVICE_UNAVAILABLE where the renewed token was rejected too', async () => {
    provider.tokenAnswer = { access_token: 'rejected too', token_type: 'bearer' };
    const alice = await signedIn();
    renewElsewhereAtTheEnd();
    await expect(call(alice)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(call(alice)).resolves.toEqual({});
    expect(provider.revoked).toEqual([]);
  });
});
