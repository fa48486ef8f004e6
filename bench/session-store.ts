import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from 'redis';
import { openRedisStore } from '../packages/next-trpc-bff/src/session/redis/store';
import { openSqliteStore } from '../packages/next-trpc-bff/src/session/sqlite/store';
import type { SessionStore } from '../packages/next-trpc-bff/src/session/store';
import { startRedis } from '../tests/support/redis-server';
import { measureReadRatio } from './read-ratio';
import { sampleSession, sealedSample } from './sample-session';

/**
 * Measures each session store full of sessions: how large it is, and how long a read, a create and a refresh
 * (lease and save) take, one at a time; and a read of SQLite beside the driver's own. `npm run bench:sessions -- --sessions 1000000`.
 */
const { values } = parseArgs({ options: { sessions: { type: 'string', default: '100000' } } });
const sessions = Number(values.sessions);
const SAMPLES = 20_000;
const BATCH = 500;

const subject = (n: number) => `user-${n % Math.ceil(sessions / 2)}`;

async function measure(name: string, samples: number, run: (n: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const began = performance.now();
    await run(n);
    times.push((performance.now() - began) * 1_000);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
  console.log(
    `  ${name.padEnd(8)} p50 ${at(0.5)} µs, p99 ${at(0.99)} µs, max ${at(1)} µs (${samples} samples)`,
  );
}

/** Returns the keys of the sessions that the store was filled with. */
async function measureStore(
  name: string,
  store: SessionStore,
  bytes: () => Promise<number>,
): Promise<string[]> {
  const keys: string[] = [];
  const before = await bytes();
  const began = performance.now();
  while (keys.length < sessions) {
    const batch = Array.from({ length: Math.min(BATCH, sessions - keys.length) }, (_, n) =>
      sampleSession(subject(keys.length + n)),
    );
    await Promise.all(batch.map((record) => store.create(record)));
    keys.push(...batch.map(({ key }) => key));
  }
  const seconds = (performance.now() - began) / 1_000;
  const size = (await bytes()) - before;
  console.log(
    `${name}: ${sessions} sessions in ${seconds.toFixed(0)} s, ${(size / 1_048_576).toFixed(0)} MiB, ${Math.round(size / sessions)} bytes a session`,
  );
  const stride = (n: number) => keys[(n * 7_919) % keys.length] ?? '';
  await measure('read', SAMPLES, (n) => store.read(stride(n)));
  await measure('create', SAMPLES, (n) => store.create(sampleSession(subject(n))));
  const sealed = sealedSample('any');
  await measure('refresh', Math.min(SAMPLES, sessions), async (n) => {
    const key = keys[n] ?? '';
    await store.takeRefreshLease(key, 1, 'bench', 15_000);
    await store.saveTokens(key, 1, sealed);
  });
  return keys;
}

/** What the server says it uses, bytes. */
async function usedMemory(url: string): Promise<number> {
  const client = await createClient({ url }).connect();
  const info = await client.info('memory');
  client.destroy();
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}

const folder = mkdtempSync(join(tmpdir(), 'bff-bench-'));
try {
  const redis = await startRedis();
  try {
    const store = openRedisStore(redis.url);
    await measureStore('Redis', store, () => usedMemory(redis.url));
    await store.close();
  } finally {
    await redis.stop();
  }
  const size = async () =>
    readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const file = join(folder, 'sessions.db');
  const sqlite = openSqliteStore(file);
  const keys = await measureStore('SQLite', sqlite, size);
  await measureReadRatio(file, sqlite, keys);
  await sqlite.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
