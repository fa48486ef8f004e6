import { randomUUID } from 'node:crypto';
import { generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import { answerBackchannelLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/backchannel-logout';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { configure } from '../support/environment';
import { sampleRecord } from '../support/sample-record';
import { startScriptedIssuer } from '../support/scripted-issuer';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const stranger = await generateKeyPair('RS256');
const provider = await startScriptedIssuer();
const issuer = provider.origin;
configure({ AUTH_OIDC_ISSUER: issuer, AUTH_OIDC_ID: 'the-client' });

const database = openDatabase(process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '');

interface Changes {
  claims?: Record<string, unknown>;
  key?: CryptoKey;
  kid?: string;
}
const seconds = () => Math.floor(Date.now() / 1000);

function logoutToken({ claims = {}, ...header }: Changes = {}): Promise<string> {
  const times = { iat: seconds(), exp: seconds() + 60 };
  const names = { iss: issuer, aud: 'the-client', jti: randomUUID(), sid: 'sid-1', sub: 'alice' };
  return provider.sign(
    { ...times, ...names, events: { [EVENT]: {} }, ...claims },
    { typ: 'logout+jwt', ...header },
  );
}

const post = (body: BodyInit) =>
  answerBackchannelLogout(
    new Request('http://localhost:3000/api/backchannel-logout', { method: 'POST', body }),
  );
const send = (token: string) => post(new URLSearchParams({ logout_token: token }));

async function session(changes = {}) {
  const record = sampleRecord({ issuer, ...changes });
  await sessionStore().create(record);
  return { isLive: async () => (await sessionStore().read(record.key))?.endedAt === null };
}

describe('L9 a valid logout token', () => {
  test('ends the sessions of that provider session, and no others', async () => {
    const [named, other] = [await session({ providerSid: 'sid-1' }), await session({ providerSid: 'sid-2' })];
    const response = await send(await logoutToken());
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await named.isLive()).toBe(false);
    expect(await other.isLive()).toBe(true);
  });

  test('that names only the user ends all of theirs', async () => {
    const [one, two, other] = [
      await session({ subject: 'carol' }),
      await session({ subject: 'carol' }),
      await session({ subject: 'dave' }),
    ];
    expect((await send(await logoutToken({ claims: { sub: 'carol', sid: undefined } }))).status).toBe(200);
    expect([await one.isLive(), await two.isLive(), await other.isLive()]).toEqual([false, false, true]);
  });

  test('for a session that has ended already is 200 too', async () => {
    expect((await send(await logoutToken({ claims: { sid: 'long gone' } }))).status).toBe(200);
  });
});

describe('L9 an invalid logout token is 400, and other sessions stay live', () => {
  test.each<[string, Changes]>([
    ['a wrong signature', { key: stranger.privateKey }],
    ['a key nobody published', { kid: 'k2' }],
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['no events', { claims: { events: undefined } }],
    ['another event', { claims: { events: { 'http://example/other': {} } } }],
    ['an event that is no object', { claims: { events: { [EVENT]: true } } }],
    ['a nonce', { claims: { nonce: 'n' } }],
    ['a stale iat', { claims: { iat: seconds() - 600 } }],
    ['an iat of the future', { claims: { iat: seconds() + 600 } }],
    ['an exp that is over', { claims: { exp: seconds() - 600 } }],
    ['no iat', { claims: { iat: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['neither sub nor sid', { claims: { sub: undefined, sid: undefined } }],
  ])('%s', async (_, changes) => {
    const other = await session({ providerSid: 'sid-1' });
    const response = await send(await logoutToken(changes));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    expect(await other.isLive()).toBe(true);
  });

  test('a replayed token', async () => {
    const token = await logoutToken();
    expect((await send(token)).status).toBe(200);
    const later = await session({ providerSid: 'sid-1' });
    expect((await send(token)).status).toBe(400);
    expect(await later.isLive()).toBe(true);
  });

  test('garbage, nothing, and an unsigned token', async () => {
    const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{}')}.`;
    for (const token of ['', 'a.b.c', 'x'.repeat(1_000), unsigned])
      expect((await send(token)).status).toBe(400);
    expect((await post('')).status).toBe(400);
  });
});

test('L9 a body past 64 KB is 413', async () => {
  expect((await post(`logout_token=${'x'.repeat(70_000)}`)).status).toBe(413);
});

test('L9 a clock skew of a minute is tolerated', async () => {
  for (const offset of [-55, 55])
    expect(
      (await send(await logoutToken({ claims: { iat: seconds() + offset, exp: seconds() + offset + 60 } })))
        .status,
    ).toBe(200);
});

test('L9 a token is marked as seen for minutes, however late its exp is', async () => {
  const jti = randomUUID();
  expect((await send(await logoutToken({ claims: { jti, exp: 1e12 } }))).status).toBe(200);
  const row = database.prepare('SELECT until FROM remembered WHERE name = ?').get(`logout-token:${jti}`);
  // Two minutes of age, and a minute by which either clock may be wrong.
  expect(row).toMatchObject({ until: expect.toSatisfy((time) => time < Date.now() + 241_000) });
  expect(row).toMatchObject({ until: expect.toSatisfy((time) => time > Date.now() + 200_000) });
});

test('L9 forged key ids do not become requests to the provider', async () => {
  await send(await logoutToken({ kid: 'x' }));
  const before = provider.requests.keys;
  for (let n = 0; n < 20; n += 1) await send(await logoutToken({ kid: `forged-${n}` }));
  expect(provider.requests.keys).toBe(before);
});

test.each(['nothing', 'no-keys'] as const)(
  'L9 while the provider publishes %s it is 503, and the same token works when it is back',
  async (publishes) => {
    // From here on its metadata is known, and its keys are not.
    await send(await logoutToken());
    const named = await session({ providerSid: 'sid-1' });
    const token = await logoutToken();
    Reflect.deleteProperty(globalThis, Symbol.for('next-trpc-bff.provider-keys'));
    provider.publishes = publishes;
    expect((await send(token)).status).toBe(503);
    provider.publishes = 'everything';
    expect((await send(token)).status).toBe(200);
    expect(await named.isLive()).toBe(false);
  },
);

test.each([
  ['is down', 'ALTER TABLE remembered RENAME TO gone', 'ALTER TABLE gone RENAME TO remembered'],
  [
    'cannot end sessions',
    "CREATE TRIGGER no_end BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    'DROP TRIGGER no_end',
  ],
])(
  'L9 while the store %s it is 503, and the same token works once when it is back',
  async (_, away, back) => {
    const named = await session({ providerSid: 'sid-1' });
    const token = await logoutToken();
    database.exec(away);
    expect((await send(token)).status).toBe(503);
    database.exec(back);
    expect((await send(token)).status).toBe(200);
    expect(await named.isLive()).toBe(false);
    expect((await send(token)).status).toBe(400);
  },
);

test('L9 of many concurrent requests with one token, one is answered 200', async () => {
  const token = await logoutToken();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(token)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(19).fill(400)]);
});
