import { type CommandParser, defineScript } from 'redis';
import { GRACE_MS, type Lease } from '../store.js';

/** Each script has one key, so all of them work on a cluster, whatever node has the key. */
const parseCommand = (parser: CommandParser, key: string, ...values: (string | number)[]) => {
  parser.pushKey(key);
  parser.push(...values.map(String));
};

/** The client sends the script's hash, and the whole script where the server does not know it (any more). */
const script = <Raw, Reply>(SCRIPT: string, transformReply: (reply: Raw) => Reply) =>
  defineScript({ SCRIPT, NUMBER_OF_KEYS: 1, parseCommand, transformReply });

const isOne = (reply: number) => reply === 1;

/** Returns early unless the session exists and has not ended. */
const whereAlive = (otherwise: string) => `
  local version, ended = unpack(redis.call('HMGET', KEYS[1], 'tokenVersion', 'endedAt'))
  if not version or ended then return ${otherwise} end`;

/** The server's clock, ms: the clocks of the processes may differ. */
const NOW = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Removes index entries that are older than any record can be. */
const TRIM = `${NOW}
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${GRACE_MS})`;

/** The atomic operations, in Lua. The first four and the leases work on a record, the last two on an index. */
export const scripts = {
  /** `(record, expiresAt, field, value, …)`: false when the record exists already. */
  createRecord: script(
    `
  if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
  redis.call('HSET', KEYS[1], unpack(ARGV, 2))
  redis.call('PEXPIREAT', KEYS[1], ARGV[1])
  return 1`,
    isOne,
  ),
  /** `(record, seenAt, idleDeadline)` */
  touchRecord: script(
    `${whereAlive('0')}
  redis.call('HSET', KEYS[1], 'seenAt', ARGV[1], 'idleDeadline', ARGV[2])
  local deadline = math.min(ARGV[2], redis.call('HGET', KEYS[1], 'absoluteDeadline'))
  redis.call('PEXPIREAT', KEYS[1], deadline + ${GRACE_MS})
  return 1`,
    isOne,
  ),
  /** `(record, expectedVersion, sealedTokens)` */
  saveTokens: script(
    `${whereAlive('0')}
  if version ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'sealedTokens', ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'tokenVersion', 1)
  redis.call('HDEL', KEYS[1], 'leaseHolder', 'leaseUntil')
  return 1`,
    isOne,
  ),
  /** `(record, endedAt, reason, tokenVersion?)`: the session's birth, or null when this call ended nothing. */
  endRecord: script(
    `${whereAlive('nil')}
  if ARGV[3] and version ~= ARGV[3] then return nil end
  redis.call('HSET', KEYS[1], 'endedAt', ARGV[1], 'endReason', ARGV[2], 'sealedTokens', '')
  return redis.call('HGET', KEYS[1], 'birth')`,
    (reply: string | null) => reply,
  ),
  /** `(record, tokenVersion, holder, leaseMs)`. A lease that is still in the record was never released. */
  takeLease: script(
    `${whereAlive("'refused'")}
  if version ~= ARGV[1] then return 'refused' end${NOW}
  local noted = redis.call('HGET', KEYS[1], 'leaseUntil')
  if noted and tonumber(noted) > now then return 'refused' end
  redis.call('HSET', KEYS[1], 'leaseHolder', ARGV[2], 'leaseUntil', now + ARGV[3])
  return noted and 'inherited' or 'taken'`,
    (reply: Lease) => reply,
  ),
  /** `(record, holder, 'unused' | 'uncertain')` */
  releaseLease: script(
    `
  if redis.call('HGET', KEYS[1], 'leaseHolder') ~= ARGV[1] then return 0 end
  redis.call('HDEL', KEYS[1], 'leaseHolder', 'leaseUntil')
  if ARGV[2] == 'uncertain' then redis.call('HSET', KEYS[1], 'leaseUntil', 0) end
  return 1`,
    isOne,
  ),
  /** `(index, absoluteDeadline, entry)`. The index expires with its longest session. */
  addToIndex: script(
    `
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])${TRIM}
  local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
  if last[2] then redis.call('PEXPIREAT', KEYS[1], last[2] + ${GRACE_MS}) end
  return 1`,
    isOne,
  ),
  /** `(index, entry, …)` */
  removeFromIndex: script(
    `
  redis.call('ZREM', KEYS[1], unpack(ARGV))${TRIM}
  return 1`,
    isOne,
  ),
};
