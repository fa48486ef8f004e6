import { createClient } from 'redis';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openRedisStore } from '../../packages/next-trpc-bff/src/session/redis/store';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import {
  GRACE_MS,
  type SessionStore,
  SessionStoreUnavailable,
} from '../../packages/next-trpc-bff/src/session/store';
import { trustedCertificate } from '../support/certificate';
import { configure } from '../support/environment';
import { startRedis, startTlsRedis } from '../support/redis-server';
import { sampleRecord } from '../support/sample-record';
import { describeStoreContract } from '../support/store-contract';

const [single, secured] = await Promise.all([startRedis(), startTlsRedis(trustedCertificate())]);
configure({ SESSION_STORE_URL: single.url, INSTANCES: 'many' });
const store = openRedisStore(single.url);
const operator = await createClient({ url: single.url }).connect();
afterAll(async () => {
  await store.close();
  operator.destroy();
  await Promise.all([single.stop(), secured.stop()]);
});

const created = async (changes = {}, into: SessionStore = store) => {
  const record = sampleRecord(changes);
  await into.create(record);
  return record;
};

/** Every key there is, sorted. */
async function allKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of operator.scanIterator({ COUNT: 1_000 })) keys.push(...page);
  return keys.sort();
}

/** How often each command was called since the statistics were reset; the operator's own left out. */
async function commandCounts(): Promise<Record<string, number>> {
  const lines = (await operator.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  const counts = Object.fromEntries([...lines].map(([, name, calls]) => [name, Number(calls)]));
  for (const own of ['info', 'config|resetstat']) delete counts[own];
  return counts;
}

describeStoreContract('Redis', () => openRedisStore(single.url));
describeStoreContract('Redis over TLS', () => openRedisStore(secured.url));

test('the contract uses no blocking command and none that scans all keys', async () => {
  const used = Object.keys(await commandCounts());
  expect(used).toEqual(expect.arrayContaining(['hgetall', 'evalsha', 'zrange']));
  expect(used.filter((name) => /^(b[lrz]|x?wait|subscribe|keys|scan|flush|monitor)/.test(name))).toEqual([]);
});

test('every key has an expiry', async () => {
  await created();
  await store.markSeen('jti', Date.now() + 60_000);
  const keys = await allKeys();
  expect(keys.length).toBeGreaterThan(20);
  for (const key of keys) expect(await operator.pTTL(key), key).toBeGreaterThan(0);
});

test('the session store of the process is the one that the configuration names', async () => {
  const { key } = await created();
  expect(await sessionStore().read(key)).not.toBeNull();
  await sessionStore().close();
});

test('a record expires a grace time after the earlier deadline, which a touch moves', async () => {
  const start = Date.now();
  const record = await created({ idleDeadline: start + 60_000, absoluteDeadline: start + 90_000 });
  const name = `bff:{${record.key}}`;
  expect(await operator.pExpireTime(name)).toBe(start + 60_000 + GRACE_MS);
  await store.touch(record.key, start + 1, start + 70_000);
  expect(await operator.pExpireTime(name)).toBe(start + 70_000 + GRACE_MS);
  await store.touch(record.key, start + 2, start + 100_000);
  expect(await operator.pExpireTime(name)).toBe(start + 90_000 + GRACE_MS);
});

test('a read is one command', async () => {
  const { key } = await created();
  await operator.configResetStat();
  for (let n = 0; n < 10; n++) await store.read(key);
  expect(await commandCounts()).toEqual({ hgetall: 10 });
});

test('scripts that the server does not know any more are sent again', async () => {
  const { key } = await created();
  await operator.scriptFlush();
  expect(await store.touch(key, Date.now(), Date.now() + 60_000)).toBe(true);
  await operator.configResetStat();
  expect(await store.saveTokens(key, 1, 'v1.second')).toBe(true);
  expect(await store.saveTokens(key, 2, 'v1.third')).toBe(true);
  const { eval: sentWhole, evalsha: sentByName } = await commandCounts();
  expect({ sentWhole, sentByName }).toEqual({ sentWhole: 1, sentByName: 2 });
});

test('a lease and a seen name are timed by the server, so a process with a wrong clock breaks neither', async () => {
  const { key } = await created();
  expect(await store.takeRefreshLease(key, 1, 'a', 60_000)).toBe('taken');
  expect(await store.markSeen('skewed', Date.now() + 60_000)).toBe(true);
  vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
  try {
    expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('refused');
    expect(await store.markSeen('skewed', Date.now() + 60_000)).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

describe('the indexes keep no entries of past sessions', () => {
  const indexes = async () => (await allKeys()).filter((key) => /^bff:(subject|sid):/.test(key));

  test('two hundred ended sessions leave no entry', async () => {
    await operator.flushAll();
    const records = await Promise.all(Array.from({ length: 200 }, () => created()));
    expect(await indexes()).toHaveLength(2);
    const ends = await Promise.all(records.map(({ key }) => store.endRecord(key, 'signed-out', Date.now())));
    expect(ends.filter(Boolean)).toHaveLength(200);
    expect(await indexes()).toEqual([]);
    expect(await allKeys()).toHaveLength(200);
  });

  test('all sessions of a user that end at once leave no entry', async () => {
    await operator.flushAll();
    const { issuer, subject } = await created();
    await Promise.all(Array.from({ length: 20 }, () => created()));
    expect(await store.endBySubject(issuer, subject, 'revoked', Date.now())).toBe(21);
    expect(await indexes()).toEqual([]);
  });

  test('entries older than any record are removed by the next write, and an index expires after its last session', async () => {
    await operator.flushAll();
    const now = Date.now();
    const { absoluteDeadline } = await created({ providerSid: null, absoluteDeadline: now + 90_000 });
    const [index = ''] = await indexes();
    await operator.zAdd(index, { score: now - GRACE_MS - 1_000, value: '1:forgotten' });
    await created({ providerSid: null, absoluteDeadline: now + 80_000 });
    expect(await operator.zCard(index)).toBe(2);
    expect(await operator.pExpireTime(index)).toBe(absoluteDeadline + GRACE_MS);
  });

  test('the next list removes the entry of an expired record, but not that of a session that is just beginning', async () => {
    await operator.flushAll();
    const longAgo = Date.now() - 2 * GRACE_MS;
    const { issuer, subject } = await created({
      providerSid: null,
      idleDeadline: longAgo,
      createdAt: longAgo,
    });
    await created({ providerSid: null, idleDeadline: longAgo });
    const [index = ''] = await indexes();
    expect(await operator.zCard(index)).toBe(2);
    expect(await store.listBySubject(issuer, subject)).toEqual([]);
    expect(await operator.zCard(index)).toBe(1);
  });
});

test('an operation on a store that was closed is refused, and does not open it again', async () => {
  const closed = openRedisStore(single.url);
  await closed.ping();
  await closed.close();
  await expect(closed.ping()).rejects.toThrow(SessionStoreUnavailable);
});
