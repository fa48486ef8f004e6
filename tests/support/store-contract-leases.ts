import { expect, test } from 'vitest';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { created } from './sample-record';

/** How a driver gives out the refresh lease. */
export function describeLeases(store: SessionStore): void {
  test('a refresh lease has one holder at a time', async () => {
    const { key } = await created(store);
    const takes = await Promise.all(
      ['a', 'b', 'c'].map((holder) => store.takeRefreshLease(key, 1, holder, 60_000)),
    );
    expect(takes.toSorted()).toEqual(['refused', 'refused', 'taken']);
  });

  test('a released refresh lease is free, and only its holder can release it', async () => {
    const { key } = await created(store);
    await store.takeRefreshLease(key, 1, 'a', 60_000);
    await store.releaseRefreshLease(key, 'b', 'unused');
    expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('refused');
    await store.releaseRefreshLease(key, 'a', 'unused');
    expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('taken');
  });

  test('a lease that is released as uncertain is inherited at once', async () => {
    const { key } = await created(store);
    await store.takeRefreshLease(key, 1, 'a', 60_000);
    await store.releaseRefreshLease(key, 'a', 'uncertain');
    expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('inherited');
  });

  test('saving tokens releases the lease and refuses saves of the older version', async () => {
    const { key } = await created(store);
    await store.takeRefreshLease(key, 1, 'a', 60_000);
    await store.saveTokens(key, 1, 'v1.second');
    expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('refused');
    expect(await store.takeRefreshLease(key, 2, 'b', 60_000)).toBe('taken');
  });

  test('a lease that ran out is inherited, since its holder may have died', async () => {
    const { key } = await created(store);
    expect(await store.takeRefreshLease(key, 1, 'a', 1)).toBe('taken');
    await expect.poll(() => store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('inherited');
  });

  test('an ended or absent session has no lease', async () => {
    const { key } = await created(store);
    await store.endRecord(key, 'signed-out', 7);
    expect(await store.takeRefreshLease(key, 1, 'a', 60_000)).toBe('refused');
    expect(await store.takeRefreshLease('unknown', 1, 'a', 60_000)).toBe('refused');
    expect(await store.read('unknown')).toBeNull();
  });
}
