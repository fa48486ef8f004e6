import { expect, test } from 'vitest';
import { GRACE_MS, type SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { created } from './sample-record';

/** What a driver forgets, and when. */
export function describeExpiry(store: SessionStore): void {
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
    const deadline = Date.now() + 60_000.25;
    expect(await store.markSeen('jti-fraction', deadline)).toBe(true);
    expect(await store.markSeen('jti-fraction', deadline)).toBe(false);
  });

  test('R9 a session is deleted some minutes after the earlier of its deadlines, and not before', async () => {
    const now = Date.now();
    const overdue = now - GRACE_MS - 1;
    const justOver = now - GRACE_MS + 60_000;
    const gone = await Promise.all([
      created(store, { idleDeadline: overdue }),
      created(store, { absoluteDeadline: overdue }),
      created(store, { idleDeadline: overdue, endedAt: 7, endReason: 'signed-out' }),
    ]);
    const kept = await Promise.all([
      created(store),
      created(store, { idleDeadline: justOver }),
      created(store, { absoluteDeadline: justOver }),
    ]);
    const touched = await created(store);
    await store.touch(touched.key, now, overdue);
    while ((await store.sweep(now)) > 0);
    for (const { key } of [...gone, touched]) expect(await store.read(key)).toBeNull();
    for (const record of kept) expect(await store.read(record.key)).toEqual(record);
  });
}
