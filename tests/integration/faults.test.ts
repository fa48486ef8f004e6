import { once } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { callFrom, outputOf, startCallingProcesses } from '../support/calling-processes';
import { signIn, startUpstream } from '../support/signed-in';

const FOREVER_MS = 600_000;
const upstream = await startUpstream({ LOG_LEVEL: 'info' });

beforeEach(() => upstream.control('knobs'));

/** Has a process begin a refresh that hangs at the provider, and kills it there. */
async function killDuringRefresh(
  cookie: string,
  faultAt: 'before' | 'after',
  reached: 'tokenRequests' | 'redemptions',
) {
  const [victim] = await startCallingProcesses([0]);
  if (!victim) throw new Error('There is no process.');
  await upstream.control('expire', { user: 'alice' });
  await upstream.control('knobs', { token: { delayMs: FOREVER_MS, faultAt } });
  await upstream.control('reset');
  callFrom(victim, cookie, 1).catch(() => null);
  await expect.poll(async () => (await upstream.counters())[reached], { timeout: 10_000 }).toBe(1);
  const gone = once(victim, 'exit');
  victim.kill('SIGKILL');
  await gone;
  await upstream.control('knobs');
}

describe('T12 the process that holds the lease is killed', () => {
  test('before it redeemed the refresh token: the others go on when its lease is over', {
    timeout: 60_000,
  }, async () => {
    const alice = await signIn(upstream, 'alice');
    const cookie = alice.get('cookie') ?? '';
    const others = await startCallingProcesses([0, 0]);
    await killDuringRefresh(cookie, 'before', 'tokenRequests');
    const reports = await Promise.all(others.map((child) => callFrom(child, cookie, 2)));
    expect(reports.flatMap(({ owners }) => owners)).toEqual(['Garden', 'Garden', 'Garden', 'Garden']);
    expect(await upstream.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
    expect((await sessionState(alice)).status).toBe('live');
  });

  test('after it redeemed the refresh token: the log has refresh_lost, and one sign-in is needed', {
    timeout: 60_000,
  }, async () => {
    const alice = await signIn(upstream, 'alice');
    const cookie = alice.get('cookie') ?? '';
    const [other] = await startCallingProcesses([0]);
    if (!other) throw new Error('There is no process.');
    const printed = outputOf(other);
    await killDuringRefresh(cookie, 'after', 'redemptions');
    expect((await callFrom(other, cookie, 2)).owners).toEqual([
      'The session has ended.',
      'The session has ended.',
    ]);
    expect((await callFrom(other, cookie, 2)).owners).toEqual(['Sign in first.', 'Sign in first.']);
    expect(await upstream.counters()).toMatchObject({ tokenRequests: 2, refreshes: 0 });
    await expect.poll(printed).toContain('"event":"refresh_lost"');
    expect(printed()).not.toContain(cookie.slice('bff-session='.length));
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
  });
});
