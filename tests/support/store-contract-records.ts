import { expect, test } from 'vitest';
import { type SessionStore, SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { created, sampleRecord } from './sample-record';

/** How a driver keeps, touches and saves records. */
export function describeRecords(store: SessionStore): void {
  test('a created record is read back whole', async () => {
    const record = await created(store, {
      profile: { name: 'Ängström "x"', email: null, picture: 'https://p/1' },
      providerSid: null,
      userAgent: null,
    });
    expect(await store.read(record.key)).toEqual(record);
  });

  test('an unknown key reads as null', async () => {
    expect(await store.read('unknown')).toBeNull();
  });

  test('a key is created once', async () => {
    const record = await created(store);
    await expect(store.create({ ...record, sealedTokens: 'v1.other' })).rejects.toThrow(
      SessionStoreUnavailable,
    );
    expect(await store.read(record.key)).toEqual(record);
  });

  test('a session that is just past its deadlines is still read, so that /login can show the reason', async () => {
    const record = await created(store, {
      idleDeadline: Date.now() - 2_000,
      absoluteDeadline: Date.now() - 1_000,
    });
    expect(await store.read(record.key)).toEqual(record);
  });

  test('touch moves the idle deadline of a live session', async () => {
    const record = await created(store);
    const seen = { seenAt: record.seenAt + 5, idleDeadline: record.idleDeadline + 6 };
    expect(await store.touch(record.key, seen.seenAt, seen.idleDeadline)).toBe(true);
    expect(await store.read(record.key)).toEqual({ ...record, ...seen });
  });

  test('touch never inserts and never revives', async () => {
    const record = await created(store);
    await store.endRecord(record.key, 'signed-out', 7);
    expect(await store.touch(record.key, 8, 9)).toBe(false);
    expect(await store.touch('unknown', 8, 9)).toBe(false);
    expect(await store.read('unknown')).toBeNull();
    expect(await store.read(record.key)).toMatchObject({ endedAt: 7, seenAt: record.seenAt });
  });

  test('tokens are saved once for each version', async () => {
    const { key } = await created(store);
    expect(await store.saveTokens(key, 1, 'v1.second')).toBe(true);
    expect(await store.saveTokens(key, 1, 'v1.late')).toBe(false);
    expect(await store.read(key)).toMatchObject({ tokenVersion: 2, sealedTokens: 'v1.second' });
  });

  test('of many saves of the same version exactly one wins', async () => {
    const { key } = await created(store);
    const saves = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.saveTokens(key, 1, `v1.${n}`)),
    );
    expect(saves.filter(Boolean)).toHaveLength(1);
  });

  test('tokens are never saved into an ended or absent session', async () => {
    const { key } = await created(store);
    await store.endRecord(key, 'signed-out', 7);
    expect(await store.saveTokens(key, 1, 'v1.late')).toBe(false);
    expect(await store.saveTokens('unknown', 1, 'v1.late')).toBe(false);
    expect(await store.read('unknown')).toBeNull();
  });

  test('T23 ids that differ only in characters that a store may cut or replace stay different', async () => {
    const plain = [
      await created(store, { subject: 'user' }),
      await created(store, { subject: 'user\ufffd' }),
    ];
    const odd = ['user\0', 'user\0x', 'user\ud800', 'user\udbff'];
    for (const subject of odd) {
      const record = sampleRecord({ subject, providerSid: subject });
      const isKept = await store.create(record).then(
        () => true,
        () => false,
      );
      if (isKept) expect(await store.listBySubject(record.issuer, subject)).toEqual([record]);
      await store.endBySubject(record.issuer, subject, 'revoked', 7).catch(() => null);
      await store.endByProviderSid(record.issuer, subject, 'revoked', 7).catch(() => null);
    }
    for (const record of plain)
      expect(await store.listBySubject(record.issuer, record.subject)).toEqual([record]);
  });

  test('a ping resolves', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
}
