import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import type { SessionRecord } from '../../packages/next-trpc-bff/src/session/record';
import {
  GRACE_MS,
  type SessionStore,
  SessionStoreUnavailable,
} from '../../packages/next-trpc-bff/src/session/store';

/** A live record; times are around now. */
export function sampleRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now();
  return {
    key: randomBytes(32).toString('base64url'),
    publicId: randomBytes(12).toString('base64url'),
    subject: 'alice',
    issuer: 'http://localhost:4000',
    providerSid: 'sid-1',
    profile: { name: 'Alice', email: 'alice@example.test', picture: null },
    userAgent: 'test',
    createdAt: now,
    seenAt: now,
    idleDeadline: now + 60_000,
    absoluteDeadline: now + 600_000,
    endedAt: null,
    endReason: null,
    tokenVersion: 1,
    sealedTokens: 'v1.sealed',
    ...changes,
  };
}

/** What every driver must do: run by each driver's test file. */
export function describeStoreContract(name: string, openStore: () => SessionStore): void {
  describe(`${name} keeps the store contract`, () => {
    const store = openStore();
    afterAll(() => store.close());
    const created = async (changes: Partial<SessionRecord> = {}) => {
      const record = sampleRecord(changes);
      await store.create(record);
      return record;
    };

    test('a created record is read back whole', async () => {
      const record = await created({
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
      const record = await created();
      await expect(store.create({ ...record, sealedTokens: 'v1.other' })).rejects.toThrow(
        SessionStoreUnavailable,
      );
      expect(await store.read(record.key)).toEqual(record);
    });

    test('a session that is just past its deadlines is still read, so that /login can show the reason', async () => {
      const record = await created({
        idleDeadline: Date.now() - 2_000,
        absoluteDeadline: Date.now() - 1_000,
      });
      expect(await store.read(record.key)).toEqual(record);
    });

    test('touch moves the idle deadline of a live session', async () => {
      const record = await created();
      const seen = { seenAt: record.seenAt + 5, idleDeadline: record.idleDeadline + 6 };
      expect(await store.touch(record.key, seen.seenAt, seen.idleDeadline)).toBe(true);
      expect(await store.read(record.key)).toEqual({ ...record, ...seen });
    });

    test('touch never inserts and never revives', async () => {
      const record = await created();
      await store.endRecord(record.key, 'signed-out', 7);
      expect(await store.touch(record.key, 8, 9)).toBe(false);
      expect(await store.touch('unknown', 8, 9)).toBe(false);
      expect(await store.read('unknown')).toBeNull();
      expect(await store.read(record.key)).toMatchObject({ endedAt: 7, seenAt: record.seenAt });
    });

    test('tokens are saved once for each version', async () => {
      const { key } = await created();
      expect(await store.saveTokens(key, 1, 'v1.second')).toBe(true);
      expect(await store.saveTokens(key, 1, 'v1.late')).toBe(false);
      expect(await store.read(key)).toMatchObject({ tokenVersion: 2, sealedTokens: 'v1.second' });
    });

    test('of many saves of the same version exactly one wins', async () => {
      const { key } = await created();
      const saves = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.saveTokens(key, 1, `v1.${n}`)),
      );
      expect(saves.filter(Boolean)).toHaveLength(1);
    });

    test('tokens are never saved into an ended or absent session', async () => {
      const { key } = await created();
      await store.endRecord(key, 'signed-out', 7);
      expect(await store.saveTokens(key, 1, 'v1.late')).toBe(false);
      expect(await store.saveTokens('unknown', 1, 'v1.late')).toBe(false);
      expect(await store.read('unknown')).toBeNull();
    });

    test('ending deletes the tokens and keeps the first reason', async () => {
      const { key } = await created();
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
      const { key } = await created();
      await store.saveTokens(key, 1, 'v1.second');
      expect(await store.endRecord(key, 'upstream-401', 7, 1)).toBe(false);
      expect(await store.read(key)).toMatchObject({ endedAt: null, sealedTokens: 'v1.second' });
      expect(await store.endRecord(key, 'upstream-401', 8, 2)).toBe(true);
      expect(await store.read(key)).toMatchObject({ endedAt: 8, sealedTokens: '' });
    });

    test('a user’s live sessions are listed newest first, without those of other users', async () => {
      const subject = 'lister';
      const older = await created({ subject, createdAt: 1 });
      const newer = await created({ subject, createdAt: 2 });
      const ended = await created({ subject, createdAt: 3 });
      await created({ subject: 'somebody else' });
      await created({ subject, issuer: 'https://another.issuer' });
      await store.endRecord(ended.key, 'signed-out', 4);
      const listed = await store.listBySubject(older.issuer, subject);
      expect(listed.map(({ key }) => key)).toEqual([newer.key, older.key]);
    });

    test('all sessions of a user end at once, and no others', async () => {
      const subject = 'ender';
      const [one, two, other] = [
        await created({ subject }),
        await created({ subject }),
        await created({ subject: 'bystander' }),
      ];
      const elsewhere = await created({ subject, issuer: 'https://another.issuer' });
      await store.endRecord(two.key, 'signed-out', 5);
      expect(await store.endBySubject(one.issuer, subject, 'revoked', 7)).toBe(1);
      expect(await store.read(one.key)).toMatchObject({ endedAt: 7, endReason: 'revoked', sealedTokens: '' });
      for (const { key } of [other, elsewhere])
        expect(await store.read(key)).toMatchObject({ endedAt: null });
    });

    test('all sessions of one provider session end at once', async () => {
      const [one, two, other] = [
        await created({ providerSid: 'ending' }),
        await created({ providerSid: 'ending', subject: 'bob' }),
        await created({ providerSid: 'staying' }),
      ];
      expect(await store.endByProviderSid(one.issuer, 'ending', 'back-channel', 7)).toBe(2);
      expect(await store.endByProviderSid(one.issuer, 'ending', 'back-channel', 8)).toBe(0);
      expect(await store.read(two.key)).toMatchObject({ endedAt: 7, endReason: 'back-channel' });
      expect(await store.read(other.key)).toMatchObject({ endedAt: null });
    });

    test('a refresh lease has one holder at a time', async () => {
      const { key } = await created();
      const takes = await Promise.all(
        ['a', 'b', 'c'].map((holder) => store.takeRefreshLease(key, 1, holder, 60_000)),
      );
      expect(takes.toSorted()).toEqual(['refused', 'refused', 'taken']);
    });

    test('a released refresh lease is free, and only its holder can release it', async () => {
      const { key } = await created();
      await store.takeRefreshLease(key, 1, 'a', 60_000);
      await store.releaseRefreshLease(key, 'b', 'unused');
      expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('refused');
      await store.releaseRefreshLease(key, 'a', 'unused');
      expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('taken');
    });

    test('a lease that is released as uncertain is inherited at once', async () => {
      const { key } = await created();
      await store.takeRefreshLease(key, 1, 'a', 60_000);
      await store.releaseRefreshLease(key, 'a', 'uncertain');
      expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('inherited');
    });

    test('saving tokens releases the lease and refuses saves of the older version', async () => {
      const { key } = await created();
      await store.takeRefreshLease(key, 1, 'a', 60_000);
      await store.saveTokens(key, 1, 'v1.second');
      expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('refused');
      expect(await store.takeRefreshLease(key, 2, 'b', 60_000)).toBe('taken');
    });

    test('a lease that ran out is inherited, since its holder may have died', async () => {
      const { key } = await created();
      expect(await store.takeRefreshLease(key, 1, 'a', 1)).toBe('taken');
      await expect.poll(() => store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('inherited');
    });

    test('an ended or absent session has no lease', async () => {
      const { key } = await created();
      await store.endRecord(key, 'signed-out', 7);
      expect(await store.takeRefreshLease(key, 1, 'a', 60_000)).toBe('refused');
      expect(await store.takeRefreshLease('unknown', 1, 'a', 60_000)).toBe('refused');
      expect(await store.read('unknown')).toBeNull();
    });

    test('a name is marked as seen once until it expires', async () => {
      const later = Date.now() + 60_000;
      expect(await store.hasSeen('jti-1')).toBe(false);
      expect(await store.markSeen('jti-1', later)).toBe(true);
      expect(await store.hasSeen('jti-1')).toBe(true);
      expect(await store.markSeen('jti-1', later)).toBe(false);
      expect(await store.markSeen('jti-2', Date.now() + 1)).toBe(true);
      await expect.poll(() => store.hasSeen('jti-2')).toBe(false);
      await expect.poll(() => store.markSeen('jti-2', later)).toBe(true);
    });

    test('L9 a name may expire between two milliseconds, as a token with fractions of a second does', async () => {
      const until = Date.now() + 60_000.25;
      expect(await store.markSeen('jti-fraction', until)).toBe(true);
      expect(await store.markSeen('jti-fraction', until)).toBe(false);
    });

    test('R9 a session is deleted some minutes after the earlier of its deadlines, and not before', async () => {
      const now = Date.now();
      const overdue = now - GRACE_MS - 1;
      const justOver = now - GRACE_MS + 60_000;
      const gone = await Promise.all([
        created({ idleDeadline: overdue }),
        created({ absoluteDeadline: overdue }),
        created({ idleDeadline: overdue, endedAt: 7, endReason: 'signed-out' }),
      ]);
      const kept = await Promise.all([
        created(),
        created({ idleDeadline: justOver }),
        created({ absoluteDeadline: justOver }),
      ]);
      const touched = await created();
      await store.touch(touched.key, now, overdue);
      while ((await store.sweep(now)) > 0);
      for (const { key } of [...gone, touched]) expect(await store.read(key)).toBeNull();
      for (const record of kept) expect(await store.read(record.key)).toEqual(record);
    });

    test('T23 ids that differ only in characters that a store may cut or replace stay different', async () => {
      const plain = [await created({ subject: 'user' }), await created({ subject: 'user\ufffd' })];
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
  });
}
