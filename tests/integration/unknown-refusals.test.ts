import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { sessionToken } from '../../packages/next-trpc-bff/src/auth/tokens/session-token';
import type { Tokens } from '../../packages/next-trpc-bff/src/session/record';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { liveSession } from '../support/calling';
import { configure } from '../support/environment';
import { type Refusal, type ScriptedIssuer, startScriptedIssuer } from '../support/scripted-issuer';

const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });

const UNKNOWN: Refusal = { status: 400, body: { error: 'computer_says_no' } };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  provider.refusal = UNKNOWN;
});
afterEach(() => {
  provider.refusal = null;
  provider.tokenAnswer = {};
  vi.useRealTimers();
});

const seconds = (count: number) => vi.setSystemTime(Date.now() + count * 1_000);

async function signedIn(changes: Partial<Tokens> = {}): Promise<Headers> {
  const expired = { accessToken: 'access', refreshToken: 'refresh', idToken: null, expiresAt: 1, renewAt: 1 };
  const profile = { name: null, email: null, picture: null };
  const tokens = { ...expired, ...changes };
  const signIn = { subject: 'alice', issuer: provider.origin, providerSid: null, profile, tokens };
  return browserHeaders(`bff-session=${await startSession(signIn, new Headers())}`);
}

/** What a request of the user gets: an access token, or the code of an error. */
const requestOf = async (user: Headers) =>
  sessionToken(await liveSession(user))
    .accessToken()
    .catch(({ code }: { code: string }) => code);

/** What a request gets whose access token the API has just rejected. */
const rejectedRequestOf = async (user: Headers) =>
  sessionToken(await liveSession(user))
    .afterRejection('access')
    .catch(({ code }: { code: string }) => code);

describe('T22 a refusal that nobody understands', () => {
  test('ends the session at the third in a row, at least five seconds apart', async () => {
    const alice = await signedIn();
    expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
    seconds(5);
    expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
    seconds(5);
    expect(await requestOf(alice)).toBe('UNAUTHORIZED');
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
  });

  test('counts once within five seconds, however many calls get it', async () => {
    const alice = await signedIn();
    for (let half = 0; half < 9; half += 1) {
      expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
      seconds(0.5);
    }
    seconds(0.5);
    expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
    const parallel = await Promise.all([requestOf(alice), requestOf(alice), requestOf(alice)]);
    expect(parallel).toEqual(Array(3).fill('SERVICE_UNAVAILABLE'));
    seconds(5);
    expect(await requestOf(alice)).toBe('UNAUTHORIZED');
  });

  test('is counted over all instances', async () => {
    const alice = await signedIn();
    const codes: unknown[] = [];
    for (let instance = 0; instance < 3; instance += 1) {
      // A process that begins with nothing but the store's file.
      for (const name of ['session-store', 'refresh-flights', 'oidc'])
        Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${name}`));
      codes.push(await requestOf(alice));
      seconds(5);
    }
    expect(codes).toEqual(['SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 'UNAUTHORIZED']);
  });

  test('is counted for each session by itself', async () => {
    const users = [await signedIn(), await signedIn(), await signedIn()];
    for (const user of users) {
      expect(await requestOf(user)).toBe('SERVICE_UNAVAILABLE');
      seconds(5);
    }
  });

  test('is forgotten at a success', async () => {
    const alice = await signedIn();
    const refusedTwice = async () => {
      for (let time = 0; time < 2; time += 1) {
        expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
        seconds(5);
      }
    };
    await refusedTwice();
    provider.refusal = null;
    provider.tokenAnswer = { access_token: 'new', token_type: 'bearer', expires_in: 1 };
    expect(await requestOf(alice)).toBe('new');
    seconds(5);
    provider.refusal = UNKNOWN;
    await refusedTwice();
    expect(await requestOf(alice)).toBe('UNAUTHORIZED');
  });

  test('costs nothing and counts nothing while the access token is good', async () => {
    const alice = await signedIn({ expiresAt: Date.now() + 60_000 });
    for (let time = 0; time < 10; time += 1) {
      expect(await requestOf(alice)).toBe('access');
      seconds(5);
    }
    seconds(10);
    expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
  });

  test('counts for a token that the API rejects, although nobody said when it expires', async () => {
    const alice = await signedIn({ expiresAt: null, renewAt: null });
    for (let time = 0; time < 2; time += 1) {
      expect(await requestOf(alice)).toBe('access');
      expect(await rejectedRequestOf(alice)).toBe('SERVICE_UNAVAILABLE');
      seconds(5);
    }
    expect(await rejectedRequestOf(alice)).toBe('UNAUTHORIZED');
  });
});

describe('T22 never counts', () => {
  const unanswered = (tokenAnswer: ScriptedIssuer['tokenAnswer']) => () => {
    Object.assign(provider, { refusal: null, tokenAnswer });
  };
  const answered = (refusal: Refusal) => () => {
    provider.refusal = refusal;
  };
  test.each<[string, () => void]>([
    ['a network fault', unanswered('reset')],
    ['an answer that is none', unanswered({ hello: 'world' })],
    ['a 408', answered({ status: 408 })],
    ['a 429', answered({ ...UNKNOWN, status: 429 })],
    ['a 500', answered({ ...UNKNOWN, status: 500 })],
    ['a 503', answered({ status: 503, body: '<html>' })],
    ['the operator’s fault', answered({ status: 401, body: { error: 'invalid_client' } })],
    ['a fault of the provider', answered({ status: 400, body: { error: 'temporarily_unavailable' } })],
  ])('%s', async (_, begin) => {
    const alice = await signedIn();
    begin();
    for (let time = 0; time < 5; time += 1) {
      expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
      seconds(20);
    }
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('a timeout', async () => {
    const alice = await signedIn();
    unanswered('hang')();
    expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
    seconds(20);
    provider.refusal = UNKNOWN;
    for (let time = 0; time < 2; time += 1) {
      expect(await requestOf(alice)).toBe('SERVICE_UNAVAILABLE');
      seconds(5);
    }
    expect(await requestOf(alice)).toBe('UNAUTHORIZED');
  });
});
