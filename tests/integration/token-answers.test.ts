import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { redeemRefreshToken } from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import { configure } from '../support/environment';
import { startScriptedIssuer } from '../support/scripted-issuer';

const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });

const previous = { accessToken: 'a', refreshToken: 'old', idToken: 'old id', expiresAt: 1, renewAt: 1 };
const redeemed = async (answer: Record<string, unknown>) => {
  provider.tokenAnswer = answer;
  const { kind, ...rest } = await redeemRefreshToken('old', previous);
  if (kind !== 'granted' || !('tokens' in rest)) throw new Error(`The answer was ${kind}.`);
  return rest;
};

afterEach(() => {
  provider.refusal = null;
});

const ABSENT: [string, Record<string, unknown>][] = [
  ['missing', {}],
  ['null', { refresh_token: null, id_token: null, expires_in: null, scope: null, token_type: null }],
  ['empty', { refresh_token: '', id_token: '', expires_in: '', scope: '', token_type: '' }],
];

describe('T19 what is absent may be said in several ways', () => {
  test.each(ABSENT)('%s: refresh and id token are kept, and there is no expiry', async (_, members) => {
    expect(await redeemed({ access_token: 'new', ...members })).toEqual({
      tokens: { accessToken: 'new', refreshToken: 'old', idToken: 'old id', expiresAt: null, renewAt: null },
      subject: null,
    });
  });
  test.each([
    ['null', null],
    ['empty', ''],
    ['no text', 17],
  ])('an access token that is %s is none', async (_, access_token) => {
    provider.tokenAnswer = { access_token };
    expect(await redeemRefreshToken('old', previous)).toMatchObject({ kind: 'failed', meaning: 'passing' });
  });
});

test.each([3600, '3600', ' 3600 ', '3600.0', 3.6e3])(
  'T19 an expires_in of %j is an hour',
  async (expires_in) => {
    const before = Date.now();
    const { tokens } = await redeemed({ access_token: 'new', expires_in });
    expect(tokens.expiresAt).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(tokens.expiresAt).toBeLessThanOrEqual(Date.now() + 3_600_000);
  },
);

test.each([0, '0', -1, '-1', 'never', 'Infinity', true, [3600], { seconds: 3600 }])(
  'T19 an expires_in of %j is none',
  async (expires_in) => {
    const { tokens } = await redeemed({ access_token: 'new', expires_in });
    expect(tokens).toMatchObject({ accessToken: 'new', expiresAt: null, renewAt: null });
  },
);

test('T19 a token answer may be a form', async () => {
  const form = {
    access_token: 'new',
    refresh_token: 'newer',
    expires_in: '60',
    scope: '',
    token_type: 'bearer',
  };
  const type = 'application/x-www-form-urlencoded';
  provider.refusal = { status: 200, type, body: `${new URLSearchParams(form)}` };
  expect(await redeemRefreshToken('old', previous)).toMatchObject({
    kind: 'granted',
    tokens: { accessToken: 'new', refreshToken: 'newer', expiresAt: expect.any(Number) },
  });
});

test('T19 what is not used is not validated', async () => {
  const unused = fc.record({
    token_type: fc.jsonValue(),
    scope: fc.jsonValue(),
    refresh_expires_in: fc.jsonValue(),
    session_state: fc.jsonValue(),
    error: fc.jsonValue(),
  });
  await fc.assert(
    fc.asyncProperty(unused, async (members) => {
      const { tokens } = await redeemed({ ...members, access_token: 'new', refresh_token: 'newer' });
      expect(tokens).toMatchObject({ accessToken: 'new', refreshToken: 'newer', idToken: 'old id' });
    }),
    { numRuns: 50 },
  );
});

describe('T19 of an id token only the subject is used', () => {
  test('one that has expired, for somebody else’s client, is taken', async () => {
    const id_token = await provider.sign({
      iss: 'https://old.example',
      aud: 'another',
      sub: 'alice',
      iat: 1,
      exp: 2,
    });
    expect(await redeemed({ access_token: 'new', id_token })).toMatchObject({
      tokens: { idToken: id_token },
      subject: 'alice',
    });
  });
  test.each(['no-jwt', 'a.b.c', 'e30.e30.'])('%s is not kept', async (id_token) => {
    expect(await redeemed({ access_token: 'new', id_token })).toMatchObject({
      tokens: { accessToken: 'new', idToken: 'old id' },
      subject: null,
    });
  });
});
