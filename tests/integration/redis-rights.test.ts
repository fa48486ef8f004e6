import { readFileSync } from 'node:fs';
import { createClient } from 'redis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { openRedisStore } from '../../packages/next-trpc-bff/src/session/redis/store';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';
import { trustedCertificate } from '../support/certificate';
import { configure } from '../support/environment';
import { ask, type RedisServer, startRedis, startRedisCluster } from '../support/redis-server';
import { sampleRecord } from '../support/sample-record';
import { describeStoreContract } from '../support/store-contract';

configure();
const guide = readFileSync(new URL('../../docs/deploying.md', import.meta.url), 'utf8');
const [single, cluster] = await Promise.all([startRedis(), startRedisCluster(trustedCertificate())]);
afterAll(async () => void (await Promise.all([single.stop(), cluster.stop()])));

const PASSWORD = 'p@ss/word';

/** Three nodes share 16,384 slots. */
const LAST_SLOT_OF_FIRST = 5_460;

/** The rule that the guide gives operators, and what it adds for a cluster or another database. */
const rule = /^ACL SETUSER bff (.*)$/m.exec(guide)?.[1]?.replace('PASSWORD', PASSWORD).split(' ') ?? [];
const [forDatabase = '', forCluster = ''] = [...guide.matchAll(/also `(\+[^`]+)`/g)].map(([, more]) => more);

const permit = (server: RedisServer, user: string, ...rules: string[]) =>
  ask(server, 'ACL', 'SETUSER', user, ...rules);

const as = (user: string, url: string) => url.replace('://', `://${user}:${encodeURIComponent(PASSWORD)}@`);

const denials = async ({ url }: RedisServer) => {
  const operator = await createClient({ url }).connect();
  const log = await operator.aclLog();
  operator.destroy();
  return log.map(({ reason, object, username }) => `${username}: ${reason} ${object}`);
};

/** Everything a store does, once. */
async function exercise(store: SessionStore): Promise<void> {
  const record = sampleRecord();
  const { key, issuer, subject } = record;
  await store.ping();
  await store.create(record);
  await store.touch(key, 8, Date.now() + 60_000);
  await store.takeRefreshLease(key, 1, 'a', 60_000);
  await store.releaseRefreshLease(key, 'a', 'uncertain');
  await store.takeRefreshLease(key, 1, 'a', 60_000);
  await store.saveTokens(key, 1, 'v1.second');
  await store.read(key);
  await store.listBySubject(issuer, subject);
  await store.markSeen(key, Date.now() + 60_000);
  await store.endBySubject(issuer, subject, 'revoked', Date.now());
}

await permit(single, 'bff', ...rule);
await Promise.all(cluster.nodes.map((node) => permit(node, 'bff', ...rule, ...forCluster.split(' '))));

describeStoreContract('Redis with the least rights', () => openRedisStore(as('bff', single.url)));
describeStoreContract('a Redis cluster over TLS with the least rights', () =>
  openRedisStore(as('bff', cluster.url)),
);

test('both contracts need only the permissions that the guide grants', async () => {
  for (const server of [single, ...cluster.nodes]) expect(await denials(server)).toEqual([]);
});

describe('the guide grants no permission that is not needed', () => {
  test.each(rule.filter((right) => right.startsWith('+')))('%s', async (right) => {
    const user = `without-${right.slice(1)}`;
    await permit(single, user, ...rule.filter((other) => other !== right));
    const store = openRedisStore(as(user, single.url));
    onTestFinished(() => store.close());
    await ask(single, 'SCRIPT', 'FLUSH');
    // An index entry that cannot be removed fails nothing.
    await exercise(store).catch(() => {});
    expect(await denials(single)).toContain(`${user}: command ${right.slice(1)}`);
  });
});

test('keys of others cannot be read or written', async () => {
  const app = await createClient({ url: as('bff', single.url) }).connect();
  onTestFinished(() => app.destroy());
  await expect(app.set('other:key', '1')).rejects.toThrow('NOPERM');
  await expect(app.sendCommand(['KEYS', '*'])).rejects.toThrow('NOPERM');
  await expect(app.sendCommand(['FLUSHALL'])).rejects.toThrow('NOPERM');
});

test('another database needs one permission more', async () => {
  await permit(single, 'elsewhere', ...rule, forDatabase);
  const store = openRedisStore(`${as('elsewhere', single.url)}/3`);
  onTestFinished(() => store.close());
  await exercise(store);
});

test('a session whose slot is just moving to another node is found there', async () => {
  const [from, to] = cluster.nodes;
  const store = openRedisStore(as('bff', cluster.url));
  onTestFinished(() => store.close());
  const slotOf = async (key: string) => Number(await ask(from, 'CLUSTER', 'KEYSLOT', `bff:{${key}}`));
  let record = sampleRecord();
  while ((await slotOf(record.key)) > LAST_SLOT_OF_FIRST) record = sampleRecord();
  const move = async (node: RedisServer, ...state: string[]) =>
    ask(node, 'CLUSTER', 'SETSLOT', String(await slotOf(record.key)), ...state);
  await move(to, 'IMPORTING', await ask(from, 'CLUSTER', 'MYID'));
  await move(from, 'MIGRATING', await ask(to, 'CLUSTER', 'MYID'));
  expect(await store.read(record.key)).toBeNull();
  await store.create(record);
  expect(await store.read(record.key)).toEqual(record);
  expect(await ask(to, 'KEYS', 'bff:{*')).toContain(record.key);
  await Promise.all([from, to].map((node) => move(node, 'STABLE')));
});
