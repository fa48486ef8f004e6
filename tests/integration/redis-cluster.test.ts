import { afterAll, describe, expect, test } from 'vitest';
import type { SessionRecord } from '../../packages/next-trpc-bff/src/session/record';
import { openRedisStore } from '../../packages/next-trpc-bff/src/session/redis/store';
import { SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { configure } from '../support/environment';
import { ask, type RedisServer, startRedisCluster } from '../support/redis-server';
import { sampleRecord } from '../support/sample-record';
import { describeStoreContract } from '../support/store-contract';

configure();
const cluster = await startRedisCluster();
const store = openRedisStore(cluster.url);
afterAll(async () => {
  await store.close();
  await cluster.stop();
});

/** Enough sessions of one user that every node keeps some of them: one of each, by its node. A replica may have it too. */
async function createdOnEachNode(subject: string): Promise<Map<RedisServer, SessionRecord>> {
  const records = Array.from({ length: 40 }, () => sampleRecord({ subject }));
  await Promise.all(records.map((record) => store.create(record)));
  const found = new Map<RedisServer, SessionRecord>();
  for (const node of cluster.nodes) {
    const keys = await ask(node, 'KEYS', 'bff:{*');
    const record = records.find(({ key }) => keys.includes(key));
    if (record) found.set(node, record);
  }
  return found;
}

describeStoreContract('a Redis cluster', () => openRedisStore(cluster.url));

test('one host is enough to find a cluster', async () => {
  const other = openRedisStore(`${cluster.nodes[0].url}/?cluster=true`);
  const records = await createdOnEachNode('finder');
  for (const { key } of records.values()) expect(await other.read(key)).not.toBeNull();
  await other.close();
});

test('a user’s sessions are listed and ended on all nodes', async () => {
  const records = [...(await createdOnEachNode('everywhere')).values()];
  const [{ issuer, subject } = sampleRecord()] = records;
  const listed = await store.listBySubject(issuer, subject);
  expect(listed.map(({ key }) => key)).toEqual(expect.arrayContaining(records.map(({ key }) => key)));
  expect(await store.endBySubject(issuer, subject, 'revoked', Date.now())).toBe(listed.length);
  expect(await store.listBySubject(issuer, subject)).toEqual([]);
});

describe('a node that is away', () => {
  const [first, second] = cluster.nodes;

  test.each([
    ['killed', () => first.kill(), () => first.start()],
    ['frozen', async () => first.freeze(), async () => first.thaw()],
  ])('%s makes only its own sessions unavailable, until it is back', async (_, away, back) => {
    const records = await createdOnEachNode('partial');
    const own = records.get(first)?.key ?? '';
    const others = [...records].filter(([node]) => node !== first).map(([, { key }]) => key);
    await away();
    for (let n = 0; n < 3; n++) {
      const start = performance.now();
      await expect(store.read(own)).rejects.toThrow(SessionStoreUnavailable);
      expect(performance.now() - start).toBeLessThan(1_500);
    }
    // A connection that is being replaced may cost one try.
    for (const key of others)
      await expect.poll(() => store.read(key).catch(() => null), { timeout: 4_000 }).not.toBeNull();
    await expect(store.ping()).resolves.toBeUndefined();
    await back();
    await expect
      .poll(() => store.read(own).catch(() => 'unavailable'), { timeout: 10_000 })
      .not.toBe('unavailable');
  });

  test.each([
    ['frozen', first, async () => first.freeze(), async () => first.thaw()],
    ['killed', second, () => second.kill(), () => second.start()],
  ])(
    '%s and has a replica is replaced by it, and its sessions stay live',
    async (_, master, away, back) => {
      const replica = await cluster.addReplica(master);
      const own = (await createdOnEachNode('failover')).get(master)?.key ?? '';
      // Redis copies in the background: what it has not copied yet goes with the master.
      await expect.poll(() => ask(replica, 'KEYS', `*${own}*`), { timeout: 20_000 }).toContain(own);
      await away();
      const find = () => store.read(own).catch((error: unknown) => error);
      await expect.poll(find, { timeout: 20_000, interval: 100 }).toMatchObject({ key: own });
      expect(await store.saveTokens(own, 1, 'v1.second')).toBe(true);
      await back();
    },
    60_000,
  );
});
