import { parseRedisUrl } from '../../runtime/redis-url.js';
import type { EndReason, SessionRecord } from '../record.js';
import { GRACE_MS, type SessionStore, SessionStoreUnavailable, type StoreOperation } from '../store.js';
import { connectRedis, type RedisClient } from './connection.js';
import {
  type Birth,
  entryOf,
  type Fields,
  indexesOf,
  isSettled,
  keyIn,
  memoryName,
  recordFrom,
  recordName,
  sidIndex,
  subjectIndex,
} from './layout.js';

/** How many records one operation works on: it has a second, however many sessions a user has. */
const AT_ONCE = 100;

/** How many index entries one call removes; Lua's arguments are limited, and the next call removes more. */
const MOST_REMOVED = 1_000;

/** Names of nothing, far apart on a cluster. */
const PROBES = ['a', 'b', 'c'].map(recordName);

/**
 * Opens a session store in Redis 6.2 or newer, or Valkey, for any number of machines: one server or a cluster, see
 * {@link parseRedisUrl}. It connects on the first call, and reconnects by itself.
 * A private certificate authority is trusted through Node's `NODE_EXTRA_CA_CERTS`.
 *
 * Records and indexes expire by themselves. Redis must not evict (`maxmemory-policy noeviction`), or sessions end
 * early; and what it acknowledged but had not replicated is lost with a failover: a session ended in that moment
 * lives on.
 *
 * @param url - As in `SESSION_STORE_URL`
 * @returns The store; its methods reject with `SessionStoreUnavailable` when Redis fails, after a second at most
 * @throws {TypeError} when the URL is no address of a Redis
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
 */
export function openRedisStore(url: string): SessionStore {
  const address = parseRedisUrl(url);
  if (!address) throw new TypeError('The session store’s URL is no address of a Redis.');
  const connection = connectRedis(address);

  async function answering<T>(
    operation: StoreOperation,
    commands: (client: RedisClient) => Promise<T>,
  ): Promise<T> {
    try {
      return await connection.run(commands);
    } catch (cause) {
      throw new SessionStoreUnavailable(operation, cause);
    }
  }

  /** Ends a session if it is alive, and removes its index entries. One that is left is harmless: the record decides. */
  async function endRecord(
    client: RedisClient,
    key: string,
    reason: EndReason,
    endedAt: number,
    tokenVersion?: number,
  ): Promise<boolean> {
    const version = tokenVersion === undefined ? [] : [tokenVersion];
    const ended = await client.endRecord(recordName(key), endedAt, reason, ...version);
    if (ended === null) return false;
    const birth: Birth = JSON.parse(ended);
    const entry = entryOf(birth, key);
    await Promise.allSettled(indexesOf(birth).map((index) => client.removeFromIndex(index, entry)));
    return true;
  }

  const entriesOf = (operation: StoreOperation, index: string) =>
    answering(operation, (client) => client.zRange(index, 0, -1));

  async function forEach<T>(
    operation: StoreOperation,
    entries: readonly string[],
    commands: (client: RedisClient, key: string) => Promise<T>,
  ): Promise<T[]> {
    const results: T[] = [];
    for (let first = 0; first < entries.length; first += AT_ONCE) {
      const some = entries.slice(first, first + AT_ONCE).map(keyIn);
      const answers = await answering(operation, (client) =>
        Promise.all(some.map((key) => commands(client, key))),
      );
      results.push(...answers);
    }
    return results;
  }

  async function endAll(operation: StoreOperation, index: string, reason: EndReason, endedAt: number) {
    const entries = await entriesOf(operation, index);
    const ends = await forEach(operation, entries, (client, key) => endRecord(client, key, reason, endedAt));
    return ends.filter(Boolean).length;
  }

  return {
    async create(record) {
      const { key, publicId, subject, issuer, providerSid, profile, userAgent, createdAt } = record;
      const birth: Birth = { publicId, subject, issuer, providerSid, profile, userAgent, createdAt };
      const { seenAt, idleDeadline, absoluteDeadline, tokenVersion, sealedTokens, endedAt, endReason } =
        record;
      const fields = {
        birth: JSON.stringify(birth),
        ...{ seenAt, idleDeadline, absoluteDeadline, tokenVersion, sealedTokens },
        ...(endedAt !== null && { endedAt }),
        ...(endReason !== null && { endReason }),
      };
      const expiresAt = Math.min(idleDeadline, absoluteDeadline) + GRACE_MS;
      await answering('create', async (client) => {
        // The indexes first: a call that ends all sessions of a user must find every record.
        const entry = entryOf(birth, key);
        await Promise.all(indexesOf(birth).map((index) => client.addToIndex(index, absoluteDeadline, entry)));
        const isNew = await client.createRecord(recordName(key), expiresAt, ...Object.entries(fields).flat());
        if (!isNew) throw new Error('There is a session with this key.');
      });
    },
    async read(key) {
      return answering('read', (client) => read(client, key));
    },
    async touch(key, seenAt, idleDeadline) {
      return answering('touch', (client) => client.touchRecord(recordName(key), seenAt, idleDeadline));
    },
    async saveTokens(key, expectedVersion, sealedTokens) {
      const name = recordName(key);
      return answering('saveTokens', (client) => client.saveTokens(name, expectedVersion, sealedTokens));
    },
    async endRecord(key, reason, endedAt, tokenVersion) {
      return answering('endRecord', (client) => endRecord(client, key, reason, endedAt, tokenVersion));
    },
    async listBySubject(issuer, subject) {
      const index = subjectIndex(issuer, subject);
      const operation = 'listBySubject';
      const entries = await entriesOf(operation, index);
      const records = await forEach(operation, entries, read);
      const gone = entries.filter((entry, n) =>
        records[n] ? records[n].endedAt !== null : isSettled(entry),
      );
      if (gone.length > 0)
        await answering(operation, (client) => client.removeFromIndex(index, ...gone.slice(0, MOST_REMOVED)));
      return records
        .filter((record) => record !== null)
        .filter(({ endedAt }) => endedAt === null)
        .sort((one, other) => other.createdAt - one.createdAt);
    },
    async endBySubject(issuer, subject, reason, endedAt) {
      const index = subjectIndex(issuer, subject);
      return endAll('endBySubject', index, reason, endedAt);
    },
    async endByProviderSid(issuer, providerSid, reason, endedAt) {
      const index = sidIndex(issuer, providerSid);
      return endAll('endByProviderSid', index, reason, endedAt);
    },
    async takeRefreshLease(key, tokenVersion, holder, leaseMs) {
      const name = recordName(key);
      return answering('takeRefreshLease', (client) => client.takeLease(name, tokenVersion, holder, leaseMs));
    },
    async releaseRefreshLease(key, holder, refreshToken) {
      const name = recordName(key);
      await answering('releaseRefreshLease', (client) => client.releaseLease(name, holder, refreshToken));
    },
    async hasSeen(name) {
      return (await answering('hasSeen', (client) => client.exists(memoryName(name)))) === 1;
    },
    async markSeen(name, expiresAt) {
      const expiration = { type: 'PX', value: Math.max(Math.ceil(expiresAt - Date.now()), 1) } as const;
      const remember = (client: RedisClient) =>
        client.set(memoryName(name), '', { condition: 'NX', expiration });
      return (await answering('markSeen', remember)) === 'OK';
    },
    async sweep() {
      return 0;
    },
    async ping() {
      // Not PING, which a cluster's client sends to all nodes: a node that is down is not the store that is down.
      await answering('ping', (client) => Promise.any(PROBES.map((name) => client.exists(name))));
    },
    async close() {
      connection.close();
    },
  };
}

async function read(client: RedisClient, key: string): Promise<SessionRecord | null> {
  const fields: object = await client.hGetAll(recordName(key));
  return 'birth' in fields ? recordFrom(key, fields as Fields) : null;
}
