import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callerFor } from '../support/calling';
import { signIn, startUpstream } from '../support/signed-in';

const ROUNDS = Number(process.env['ROUNDS'] ?? 1_000);
const upstream = await startUpstream();

/** The order of calls is drawn from a seed, which `SEED=…` replays. */
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));

test(`T15 two users who refresh at once never swap tokens (${ROUNDS} rounds, seed ${seed})`, {
  timeout: 240_000,
}, async () => {
  const users = { alice: await signIn(upstream, 'alice'), bob: await signIn(upstream, 'bob') };
  const themes = { alice: 'Garden', bob: 'Workshop' };
  const ownerSeenBy = async (user: 'alice' | 'bob') => {
    const { items } = await callerFor(users[user]).notes.list({ limit: 1 });
    return items[0]?.title.split(':')[0];
  };
  await upstream.control('reset');
  let expiries = 0;
  const user = fc.constantFrom('alice' as const, 'bob' as const);
  const round = fc.record({
    expire: fc.uniqueArray(user, { minLength: 1 }),
    calls: fc.array(user, { minLength: 2, maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(round, async ({ expire, calls }) => {
      for (const name of expire) await upstream.control('expire', { user: name });
      const seen = await Promise.all(calls.map(ownerSeenBy));
      expect(seen).toEqual(calls.map((name) => themes[name]));
      expiries += expire.filter((name) => calls.includes(name)).length;
    }),
    { numRuns: ROUNDS, seed, endOnFailure: true },
  );
  const { refreshes = 0, refreshReuses } = await upstream.counters();
  console.log(`T15 seed ${seed}: ${refreshes} refreshes in ${ROUNDS} rounds, ${refreshReuses} re-uses`);
  expect(refreshReuses).toBe(0);
  expect(refreshes).toBeGreaterThanOrEqual(expiries);
});
