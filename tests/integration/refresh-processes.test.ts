import { afterAll, describe, expect, test } from 'vitest';
import { callFrom, startCallingProcesses } from '../support/calling-processes';
import { temporaryFolder } from '../support/environment';
import { startRedis } from '../support/redis-server';
import { signIn, startUpstream } from '../support/signed-in';

const ROUNDS = Number(process.env['ROUNDS'] ?? 1_000);
const CALLS_PER_PROCESS = 2;

const redis = await startRedis();
afterAll(() => redis.stop());
const upstream = await startUpstream();

describe.each([
  ['one SQLite file', `file:${temporaryFolder()}/sessions.db`, [0, 0, 0, 0]],
  ['one Redis, their clocks a minute off either way', redis.url, [0, 60_000, -60_000, 0]],
])('T3 four processes on %s', (_, storeUrl, clocks) => {
  test(`refresh once in each of ${ROUNDS} expiries`, { timeout: 300_000 }, async () => {
    const alice = await signInWith(storeUrl);
    const processes = await startCallingProcesses(clocks);
    await upstream.control('reset');
    let leases: { tried: number; won: number }[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      await upstream.control('expire', { user: 'alice' });
      const reports = await Promise.all(processes.map((child) => callFrom(child, alice, CALLS_PER_PROCESS)));
      const owners = [...new Set(reports.flatMap((report) => report.owners))];
      expect(owners).toEqual(['Garden']);
      leases = reports.map(({ lease }) => lease);
    }
    const { refreshes, refreshReuses } = await upstream.counters();
    const tried = leases.map((lease) => `${lease.tried}/${lease.won}`).join(' ');
    console.log(
      `T3 ${storeUrl.split(':')[0]}, ${ROUNDS} rounds: ${refreshes} refreshes, ${refreshReuses} re-uses; lease tried/won: ${tried}`,
    );
    expect({ refreshes, refreshReuses }).toEqual({ refreshes: ROUNDS, refreshReuses: 0 });
    expect(leases.reduce((sum, { won }) => sum + won, 0)).toBe(ROUNDS);
    for (const { won } of leases) expect(won).toBeGreaterThan(0);
    for (const child of processes) child.disconnect();
  });
});

/** Signs alice in on a store, which the processes started next will use as well. Returns her cookie. */
async function signInWith(storeUrl: string): Promise<string> {
  process.env['SESSION_STORE_URL'] = storeUrl;
  for (const name of ['env', 'session-store'])
    Reflect.deleteProperty(globalThis, Symbol.for(`next-trpc-bff.${name}`));
  return (await signIn(upstream, 'alice')).get('cookie') ?? '';
}
