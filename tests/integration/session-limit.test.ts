import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { visitLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { endSessionsBeyondLimit } from '../../packages/next-trpc-bff/src/auth/user-sessions';
import { sessionState, sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { describeWithBothStores, replaceStore } from '../support/both-stores';
import { browserHeaders } from '../support/browser-headers';
import { callerFor, keyOf } from '../support/calling';
import { configure } from '../support/environment';
import { sampleRecord } from '../support/sample-record';
import { startScriptedIssuer } from '../support/scripted-issuer';
import { whileStoreIsReadOnly } from '../support/session-rows';

const LIMIT = 5;
const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, SESSIONS_PER_USER: String(LIMIT) });
const databaseFile = process.env['SESSION_STORE_URL']?.slice('file:'.length) ?? '';

const newUser = () => randomUUID();

async function signIn(subject: string, refreshToken = 'refresh', headers = new Headers()): Promise<Headers> {
  const tokens = { accessToken: 'access', refreshToken, idToken: null, expiresAt: null, renewAt: null };
  const profile = { name: null, email: null, picture: null };
  const signedIn = { subject, issuer: provider.origin, providerSid: null, profile, tokens };
  return browserHeaders(`bff-session=${await startSession(signedIn, headers)}`);
}

/** One after the other. */
async function signInRepeatedly(subject: string, count: number): Promise<Headers[]> {
  const sessions: Headers[] = [];
  for (let n = 0; n < count; n += 1) sessions.push(await signIn(subject, `${subject}: ${n}`));
  return sessions;
}

const statuses = (sessions: readonly Headers[]) =>
  Promise.all(sessions.map(async (headers) => (await sessionState(headers)).status));
const revokedOf = (subject: string) => provider.revoked.filter((token) => token.startsWith(subject)).sort();
const alive = async (subject: string) =>
  (await sessionStore().listBySubject(provider.origin, subject)).length;
const repeated = (status: string, count: number) => Array.from({ length: count }, () => status);

await describeWithBothStores('S21 a user whose sessions are in %s', () => {
  test('has at most SESSIONS_PER_USER: the oldest end, their tokens are revoked, and /login shows the reason', async () => {
    const [alice, bob] = [newUser(), newUser()];
    const bobs = await signInRepeatedly(bob, LIMIT);
    const sessions = await signInRepeatedly(alice, LIMIT + 2);
    expect(await statuses(sessions)).toEqual([...repeated('dead', 2), ...repeated('live', LIMIT)]);
    expect(await statuses(bobs)).toEqual(repeated('live', LIMIT));
    await expect.poll(() => revokedOf(alice)).toEqual([`${alice}: 0`, `${alice}: 1`]);

    const [oldest = new Headers()] = sessions;
    expect(await sessionState(oldest)).toMatchObject({ reason: 'ended', endReason: 'over-limit' });
    const visit = new Request('http://localhost:3000/logout?callbackUrl=/notes', { headers: oldest });
    expect((await visitLogout(visit)).headers.get('location')).toBe(
      '/login?reason=over-limit&callbackUrl=%2Fnotes',
    );
  });

  test('loses no other session by signing in again in the same browser', async () => {
    const alice = newUser();
    const sessions = await signInRepeatedly(alice, LIMIT);
    const again = await signIn(alice, 'again', sessions.at(-1));
    expect(await statuses([...sessions.slice(0, -1), again])).toEqual(repeated('live', LIMIT));
    expect(await statuses(sessions.slice(-1))).toEqual(['dead']);
  });

  test('does not count those that are past a deadline', async () => {
    const alice = newUser();
    const sessions = await signInRepeatedly(alice, LIMIT);
    for (const headers of sessions.slice(1, 3))
      await sessionStore().touch(keyOf(headers), Date.now(), Date.now() - 1);
    await signInRepeatedly(alice, 2);
    expect((await statuses(sessions)).map((status) => status === 'live')).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  test('keeps all sign-ins that race at the limit, and no session beyond the limit', async () => {
    for (let round = 0; round < 20; round += 1) {
      const alice = newUser();
      await signInRepeatedly(alice, LIMIT);
      const racing = await Promise.all(Array.from({ length: LIMIT }, () => signIn(alice)));
      expect(await statuses(racing)).toEqual(repeated('live', LIMIT));
      expect(await alive(alice)).toBe(LIMIT);
    }
  });

  test('keeps as many of its concurrent sign-ins as the limit allows', async () => {
    const alice = newUser();
    await Promise.all(Array.from({ length: 4 * LIMIT }, () => signIn(alice)));
    expect(await alive(alice)).toBe(LIMIT);
  });

  test('keeps the session that just began although another one has a clock ahead', async () => {
    const alice = newUser();
    const createdAt = Date.now() + 60_000;
    for (let n = 0; n < LIMIT; n += 1)
      await sessionStore().create(
        sampleRecord({ subject: alice, issuer: provider.origin, createdAt: createdAt + n }),
      );
    const own = await signIn(alice);
    expect(await statuses([own])).toEqual(['live']);
    expect(await alive(alice)).toBe(LIMIT);
    expect((await callerFor(own).session.list())[0]).toMatchObject({ isCurrent: true });
  });

  test('with many more sessions, of an earlier version, comes down to the limit at the next sign-in', async () => {
    const alice = newUser();
    for (let n = 0; n < 300; n += 1)
      await sessionStore().create(sampleRecord({ subject: alice, issuer: provider.origin, createdAt: n }));
    const own = await signIn(alice);
    expect(await statuses([own])).toEqual(['live']);
    expect(await alive(alice)).toBe(LIMIT);
  });
});

test('S21 R4 when the store cannot end the oldest session the sign-in succeeds, and the next one enforces the limit', async () => {
  const alice = newUser();
  const sessions = await signInRepeatedly(alice, LIMIT);
  const own = await whileStoreIsReadOnly({ databaseFile }, () => signIn(alice));
  expect(await statuses([...sessions, own])).toEqual(repeated('live', LIMIT + 1));
  await signIn(alice);
  expect(await alive(alice)).toBe(LIMIT);
  expect(await statuses([own])).toEqual(['live']);
});

test('S21 two that look at once end the same sessions, in whatever order the store lists those of one moment', async () => {
  const [alice, createdAt, store] = [newUser(), Date.now(), sessionStore()];
  for (let n = 0; n < 2 * LIMIT; n += 1)
    await store.create(sampleRecord({ subject: alice, issuer: provider.origin, createdAt }));
  let lists = 0;
  const listBySubject = async (issuer: string, subject: string) => {
    const listed = await store.listBySubject(issuer, subject);
    lists += 1;
    return lists % 2 === 0 ? listed.reverse() : listed;
  };
  replaceStore({ ...store, listBySubject });
  onTestFinished(() => replaceStore(store));
  const user = { issuer: provider.origin, subject: alice };
  await Promise.all([endSessionsBeyondLimit(user), endSessionsBeyondLimit(user)]);
  expect(lists).toBe(2);
  expect(await alive(alice)).toBe(LIMIT);
});
