import { beforeEach, describe, expect, test } from 'vitest';
import { LOGIN_PATHS } from '../../packages/demo/src/own-login';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import type { SignIn } from '../../packages/next-trpc-bff/src/auth/tokens/issuer-answers';
import { logIn } from '../../packages/next-trpc-bff/src/auth/tokens/own-login';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { tokenIssuerOf } from '../../packages/next-trpc-bff/src/auth/tokens/token-issuer';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { liveSession } from '../support/calling';
import { whileStoreIsDown } from '../support/session-rows';
import { signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream(LOGIN_PATHS);
const databaseFile = process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '';
const revocations = async () => (await upstream.counters())['revocations'];

async function grantedByApi(): Promise<SignIn> {
  const answer = await logIn({ login: 'alice', password: 'demo' }, {});
  if (answer.kind !== 'granted') throw new Error(answer.kind);
  return answer.signIn;
}

async function grantedByProvider(): Promise<SignIn> {
  const { record, tokens } = await liveSession(await signIn(upstream, 'alice'));
  return { ...record, tokens };
}

async function startWhileStoreIsDown(granted: SignIn, headers = new Headers()): Promise<void> {
  await whileStoreIsDown({ databaseFile }, () =>
    expect(startSession(granted, headers)).rejects.toThrow(SessionStoreUnavailable),
  );
}

beforeEach(async () => {
  await upstream.control('reset');
  await sessionStore().ping();
});

describe('R2, L6 the tokens of a sign-in whose session could not be stored', () => {
  test.each([
    ['the API', grantedByApi],
    ['the identity provider', grantedByProvider],
  ])('are revoked at %s', async (_, grant) => {
    const granted = await grant();
    await startWhileStoreIsDown(granted);
    await expect.poll(revocations).toBe(1);
    const { refreshToken } = granted.tokens;
    expect(await tokenIssuerOf(granted).redeem(refreshToken ?? '', granted.tokens)).toMatchObject({
      kind: 'rejected',
    });
  });

  test('are kept where the browser has another session, whose grant may be the same', async () => {
    const alice = await signIn(upstream, 'alice');
    const session = await liveSession(alice);
    await startWhileStoreIsDown({ ...session.record, tokens: session.tokens }, alice);
    expect((await renewTokens(session)).status).toBe('renewed');
    expect(await revocations()).toBe(0);
  });
});
