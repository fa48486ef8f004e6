import { openDatabase } from '../packages/next-trpc-bff/src/session/sqlite/driver';
import type { SessionStore } from '../packages/next-trpc-bff/src/session/store';

const ROUNDS = 21;
const READS = 5_000;

/** Returns how long something takes on average, µs. */
async function microseconds(run: (n: number) => unknown): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < READS; n += 1) await run(n);
  return ((performance.now() - began) * 1_000) / READS;
}

/**
 * Measures a session read beside the driver's bare prepared `get` of the same row, in turns, and prints how many times
 * as long it takes: of a read at most half may be ours.
 *
 * @param file - The database
 * @param store - A store that is open on it
 * @param keys - Of sessions that are there
 */
export async function measureReadRatio(
  file: string,
  store: SessionStore,
  keys: readonly string[],
): Promise<void> {
  const database = openDatabase(file);
  const bare = database.prepare('SELECT * FROM sessions WHERE key = ?');
  const key = (n: number) => keys[(n * 7_919) % keys.length] ?? '';
  const rounds: { get: number; read: number; ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const get = await microseconds((n) => bare.get(key(n)));
    const read = await microseconds((n) => store.read(key(n)));
    rounds.push({ get, read, ratio: read / get });
  }
  database.close();
  const spread = (name: 'get' | 'read' | 'ratio', digits: number) => {
    const sorted = rounds.map((round) => round[name]).sort((a, b) => a - b);
    return [0, ROUNDS >> 1, ROUNDS - 1].map((n) => sorted[n]?.toFixed(digits)).join(' / ');
  };
  console.log(
    `  a read is ${spread('ratio', 2)} times the driver’s bare get (min / median / max of ${ROUNDS} rounds): ${spread('read', 1)} µs beside ${spread('get', 1)} µs`,
  );
}
