import { once } from 'node:events';
import { expect, test } from '@playwright/test';
import { type Instances, startInstances } from '../support/instances';
import { isSessionLive, plainRequest, signInOverHttp } from '../support/plain-http';
import { type RedisServer, startRedis } from '../support/redis-server';
import { signIn } from './fixtures';

const LIST = '/api/trpc/notes.list?input=%7B%22limit%22%3A1%7D';

/** Two processes on one store, behind a proxy without stickiness. */
for (const store of ['one SQLite file', 'one Redis'] as const) {
  test.describe(store, () => {
    test.describe.configure({ mode: 'default' });
    let redis: RedisServer | null = null;
    let app: Instances;

    test.beforeAll(async () => {
      redis = store === 'one Redis' ? await startRedis() : null;
      app = await startInstances(2, redis ? { SESSION_STORE_URL: redis.url, INSTANCES: 'many' } : {});
    });
    test.afterAll(async () => {
      await app.stop();
      await redis?.stop();
    });
    test.beforeEach(async () => {
      await app.control('knobs');
      await app.control('reset');
    });

    const list = (sessionToken: string, origin = app.origin) =>
      plainRequest(origin + LIST, { headers: { cookie: `bff-session=${sessionToken}` } });
    const statusesOf = async (sessionToken: string, count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, () => list(sessionToken)));
      return [...new Set(answers.map(({ status }) => status))];
    };

    test('R5 users sign in, read, write and sign out, whichever process answers', async ({ browser }) => {
      const context = await browser.newContext({ baseURL: app.origin });
      const page = await context.newPage();
      await signIn(page, 'alice', '/notes');
      await page.getByRole('button', { name: 'Show more' }).click();
      await expect(page.locator('.notes > li')).toHaveCount(20);
      await app.control('expire', { user: 'alice' });
      await page.goto('/overview');
      await expect(page.getByTestId('count')).toContainText('You have');
      expect(await app.counters()).toMatchObject({ refreshes: 1, refreshReuses: 0 });
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL('**/login**');
      expect((await context.cookies()).some(({ name }) => name === 'bff-session')).toBe(false);
      await context.close();
    });

    test('T3 fifty calls to both processes at an expiry cause one refresh', async () => {
      const sessionToken = await signInOverHttp(app);
      await app.control('reset');
      for (const round of [1, 2, 3]) {
        await app.control('expire', { user: 'alice' });
        expect(await statusesOf(sessionToken, 50)).toEqual([200]);
        expect(await app.counters()).toMatchObject({ refreshes: round, refreshReuses: 0 });
      }
    });

    test('L8 a session signed out in one process is dead in the other, and no call in flight revives it', async () => {
      const sessionToken = await signInOverHttp(app);
      await app.control('expire', { user: 'alice' });
      // Longer than a sign-out takes on a busy machine.
      await app.control('knobs', { token: { delayMs: 2_000, faultAt: 'after' } });
      await app.control('reset');
      const inFlight = statusesOf(sessionToken, 10);
      await expect.poll(async () => (await app.counters())['redemptions']).toBe(1);
      const headers = { cookie: `bff-session=${sessionToken}`, 'sec-fetch-site': 'same-origin' };
      expect((await plainRequest(`${app.origin}/logout`, { method: 'POST', headers })).status).toBe(303);
      expect(await inFlight).toEqual([401]);
      for (const { origin } of app.instances)
        expect(await isSessionLive({ origin }, sessionToken)).toBe(false);
      await expect.poll(async () => (await app.counters())['revocations']).toBeGreaterThanOrEqual(1);
    });

    test('R3 a process that is killed under load loses no session', async () => {
      const sessionTokens = await Promise.all(
        ['alice' as const, 'bob' as const].map((user) => signInOverHttp(app, user)),
      );
      const [victim] = app.instances;
      if (!victim) throw new Error('There is no instance.');
      await app.control('knobs', { api: { delayMs: 100 } });
      const load = Promise.allSettled(
        sessionTokens.flatMap((sessionToken) => Array.from({ length: 20 }, () => list(sessionToken))),
      );
      await expect.poll(async () => (await app.counters())['apiRequests']).toBeGreaterThan(5);
      const gone = once(victim.child, 'exit');
      victim.child.kill('SIGKILL');
      await gone;
      await load;
      await victim.restart();
      await app.control('knobs');
      for (const sessionToken of sessionTokens) expect(await statusesOf(sessionToken, 4)).toEqual([200]);
    });

    test('R1 SIGTERM lets a call in flight finish, refuses new ones and exits with 0', async () => {
      const sessionToken = await signInOverHttp(app);
      const [leaving] = app.instances;
      if (!leaving) throw new Error('There is no instance.');
      await app.control('knobs', { api: { delayMs: 1_000 } });
      await app.control('reset');
      const inFlight = list(sessionToken, leaving.origin);
      await expect.poll(async () => (await app.counters())['apiRequests']).toBe(1);
      const gone = once(leaving.child, 'exit');
      leaving.child.kill('SIGTERM');
      expect((await inFlight).status).toBe(200);
      expect(await gone).toEqual([0, null]);
      await expect(list(sessionToken, leaving.origin)).rejects.toThrow('ECONNREFUSED');
      await app.control('knobs');
      expect(await statusesOf(sessionToken, 4)).toEqual([200]);
      await leaving.restart();
    });
  });
}
