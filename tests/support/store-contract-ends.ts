import { expect, test } from 'vitest';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { created } from './sample-record';

/** How a driver ends sessions, and lists those that have not ended. */
export function describeEnds(store: SessionStore): void {
  test('ending deletes the tokens and keeps the first reason', async () => {
    const { key } = await created(store);
    expect(await store.endRecord(key, 'upstream-401', 7)).toBe(true);
    expect(await store.endRecord(key, 'signed-out', 8)).toBe(false);
    expect(await store.endRecord('unknown', 'signed-out', 8)).toBe(false);
    expect(await store.read(key)).toMatchObject({
      endedAt: 7,
      endReason: 'upstream-401',
      sealedTokens: '',
    });
  });

  test('ending with a token version keeps a session that was renewed since', async () => {
    const { key } = await created(store);
    await store.saveTokens(key, 1, 'v1.second');
    expect(await store.endRecord(key, 'upstream-401', 7, 1)).toBe(false);
    expect(await store.read(key)).toMatchObject({ endedAt: null, sealedTokens: 'v1.second' });
    expect(await store.endRecord(key, 'upstream-401', 8, 2)).toBe(true);
    expect(await store.read(key)).toMatchObject({ endedAt: 8, sealedTokens: '' });
  });

  test('a user’s live sessions are listed newest first, without those of other users', async () => {
    const subject = 'lister';
    const older = await created(store, { subject, createdAt: 1 });
    const newer = await created(store, { subject, createdAt: 2 });
    const ended = await created(store, { subject, createdAt: 3 });
    await created(store, { subject: 'somebody else' });
    await created(store, { subject, issuer: 'https://another.issuer' });
    await store.endRecord(ended.key, 'signed-out', 4);
    const listed = await store.listBySubject(older.issuer, subject);
    expect(listed.map(({ key }) => key)).toEqual([newer.key, older.key]);
  });

  test('all sessions of a user end at once, and no others', async () => {
    const subject = 'ender';
    const [one, two, other] = [
      await created(store, { subject }),
      await created(store, { subject }),
      await created(store, { subject: 'bystander' }),
    ];
    const elsewhere = await created(store, { subject, issuer: 'https://another.issuer' });
    await store.endRecord(two.key, 'signed-out', 5);
    expect(await store.endBySubject(one.issuer, subject, 'revoked', 7)).toBe(1);
    expect(await store.read(one.key)).toMatchObject({ endedAt: 7, endReason: 'revoked', sealedTokens: '' });
    for (const { key } of [other, elsewhere]) expect(await store.read(key)).toMatchObject({ endedAt: null });
  });

  test('all sessions of one provider session end at once', async () => {
    const [one, two, other] = [
      await created(store, { providerSid: 'ending' }),
      await created(store, { providerSid: 'ending', subject: 'bob' }),
      await created(store, { providerSid: 'staying' }),
    ];
    expect(await store.endByProviderSid(one.issuer, 'ending', 'back-channel', 7)).toBe(2);
    expect(await store.endByProviderSid(one.issuer, 'ending', 'back-channel', 8)).toBe(0);
    expect(await store.read(two.key)).toMatchObject({ endedAt: 7, endReason: 'back-channel' });
    expect(await store.read(other.key)).toMatchObject({ endedAt: null });
  });
}
