import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signOut } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';
import { renewTokens } from '../../packages/next-trpc-bff/src/auth/tokens/refresh';
import { sessionState, sessionStore, touchSession } from '../../packages/next-trpc-bff/src/session/state';
import { callerFor, keyOf, liveSession } from '../support/calling';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const ROUNDS = Number(process.env['ROUNDS'] ?? 1_000) / 5;
const upstream = await startUpstream();

/** What is in flight around the sign-out, and in which order, is drawn from a seed, which `SEED=…` replays. */
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const deed = fc.constantFrom('call' as const, 'renew' as const, 'read' as const, 'touch' as const);

test(`L8 nothing in flight revives a session that was signed out (${ROUNDS} rounds, seed ${seed})`, {
  timeout: 240_000,
}, async () => {
  const round = fc.record({
    before: fc.array(deed, { maxLength: 4 }),
    after: fc.array(deed, { maxLength: 4 }),
    expired: fc.boolean(),
    ticks: fc.nat(8),
  });
  await fc.assert(
    fc.asyncProperty(round, async ({ before, after, expired, ticks }) => {
      const alice = await signIn(upstream, 'alice');
      const session = await liveSession(alice);
      if (expired) await upstream.control('expire', { user: 'alice' });
      const deeds = {
        call: () => callerFor(alice).notes.list({ limit: 1 }),
        renew: () => renewTokens(session),
        read: () => sessionState(alice),
        touch: () => touchSession({ ...session, record: { ...session.record, seenAt: 0 } }),
      };
      const inFlight = before.map((name) => deeds[name]());
      for (let tick = 0; tick < ticks; tick += 1) await new Promise((resolve) => setImmediate(resolve));
      const signedOut = signOut(new Request(`${APP_ORIGIN}/logout`, { method: 'POST', headers: alice }));
      await Promise.allSettled([...inFlight, signedOut, ...after.map((name) => deeds[name]())]);
      expect((await signedOut).status).toBe(303);
      expect(await sessionState(alice)).toMatchObject({ status: 'dead', reason: 'ended' });
      expect(await sessionStore().read(keyOf(alice))).toMatchObject({ sealedTokens: '' });
    }),
    { numRuns: ROUNDS, seed, endOnFailure: true },
  );
  console.log(`L8 seed ${seed}: ${ROUNDS} rounds, nobody came back`);
});
