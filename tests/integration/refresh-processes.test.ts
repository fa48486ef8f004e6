import { expect, test } from 'vitest';
import { callFrom, startCallingProcesses } from '../support/calling-processes';
import { signIn, startUpstream } from '../support/signed-in';

const ROUNDS = Number(process.env['ROUNDS'] ?? 1_000);
const PROCESSES = 4;
const upstream = await startUpstream();

test(`T3 ${PROCESSES} processes on one SQLite file refresh once in each of ${ROUNDS} expiries`, {
  timeout: 300_000,
}, async () => {
  const alice = await signIn(upstream, 'alice');
  const cookie = alice.get('cookie') ?? '';
  const processes = await startCallingProcesses(PROCESSES);
  await upstream.control('reset');
  let leases: { tried: number; won: number }[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await upstream.control('expire', { user: 'alice' });
    const reports = await Promise.all(processes.map((child) => callFrom(child, cookie, 2)));
    expect(reports.flatMap(({ owners }) => owners)).toEqual(
      Array.from({ length: PROCESSES * 2 }, () => 'Garden'),
    );
    leases = reports.map(({ lease }) => lease);
  }
  const { refreshes, refreshReuses } = await upstream.counters();
  console.log(
    `T3 ${ROUNDS} rounds: ${refreshes} refreshes, ${refreshReuses} re-uses; lease tried/won: ${leases.map(({ tried, won }) => `${tried}/${won}`).join(' ')}`,
  );
  expect({ refreshes, refreshReuses }).toEqual({ refreshes: ROUNDS, refreshReuses: 0 });
  expect(leases.reduce((sum, { won }) => sum + won, 0)).toBe(ROUNDS);
  for (const { won } of leases) expect(won).toBeGreaterThan(0);
});
