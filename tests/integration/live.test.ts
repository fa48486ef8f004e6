import { setImmediate as afterRejections } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { sessionStore } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory, optionalProcedure, protectedProcedure, router } from '../../server/trpc';
import { callerFor, keyOf } from '../support/calling';
import { readEvents } from '../support/event-stream';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';
import { subscriber } from '../support/subscriber';

const upstream = await startUpstream({ SESSION_IDLE_SECONDS: '600' });

const eventually = (holds: () => void | Promise<void>) => vi.waitFor(holds, { timeout: 20_000 });

/** Subscribes as a browser does, until it leaves. */
async function subscribe(headers: Headers, search = '', changes: Record<string, string> = {}) {
  const leaving = new AbortController();
  const sent = new Headers([...headers, ['accept', 'text/event-stream'], ...Object.entries(changes)]);
  sent.delete('content-type');
  const url = `${APP_ORIGIN}/api/trpc/notes.changes${search}`;
  const response = await serveTRPC(new Request(url, { headers: sent, signal: leaving.signal }));
  return { response, leave: () => leaving.abort() };
}

const as = (user: string) => `?connectionParams=${encodeURIComponent(JSON.stringify({ user }))}`;
const titleOf = z.object({ note: z.object({ title: z.string() }) }).transform(({ note }) => note.title);
const errorIn = z.object({ message: z.string(), data: z.object({ code: z.string() }) });
const errorsOf = (events: { event?: string | undefined; data: string }[]) =>
  events
    .filter(({ event }) => event === 'serialized-error')
    .map(({ data }) => errorIn.parse(JSON.parse(data)).data.code);

describe.concurrent('A7 subscriptions', () => {
  test('A7 S10 events arrive as server-sent events with ids, with headers against caching and buffering', async () => {
    const alice = await signIn(upstream, 'alice');
    const { response, leave } = await subscribe(alice, as('alice'));
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    const stream = readEvents(response);
    await eventually(() => expect(stream.events.length).toBeGreaterThan(1));
    const [connected, position] = stream.events;
    expect(connected?.event).toBe('connected');
    expect(position).toMatchObject({ data: 'null', id: expect.stringMatching(/\S/) });

    await callerFor(alice).notes.create({ title: 'A7 first', body: '' });
    await eventually(() =>
      expect(stream.contents()).toContainEqual(expect.objectContaining({ type: 'created' })),
    );
    leave();
    await stream.ended;
    await callerFor(alice).notes.create({ title: 'A7 second', body: '' });
    const id = stream.events.find(({ data }) => data.includes('A7 first'))?.id ?? '';
    const back = await subscribe(alice, as('alice'), { 'last-event-id': id });
    const again = readEvents(back.response);
    await eventually(() =>
      expect(again.contents().map((content) => titleOf.parse(content))).toContain('A7 second'),
    );
    expect(again.contents().map((content) => titleOf.parse(content))).not.toContain('A7 first');
    back.leave();
  });

  test('A7 a silent stream sends pings', async () => {
    const { response, leave } = await subscribe(await signIn(upstream, 'bob'));
    const stream = readEvents(response);
    await eventually(() => expect(stream.events.map(({ event }) => event)).toContain('ping'));
    leave();
    await stream.ended;
  });

  test('A7 L8 B4 a session that is ended elsewhere ends its streams with UNAUTHORIZED, and no others', async () => {
    const [leaving, staying] = [await signIn(upstream, 'alice'), await signIn(upstream, 'alice')];
    const subscriptions = [await subscribe(leaving), await subscribe(staying)];
    const [ended, live] = subscriptions.map(({ response }) => readEvents(response));
    await eventually(() => expect(live?.events.length).toBeGreaterThan(1));
    await sessionStore().endRecord(keyOf(leaving), 'revoked', Date.now());
    await ended?.ended;
    expect(errorsOf(ended?.events ?? [])).toEqual(['UNAUTHORIZED']);
    await callerFor(staying).notes.create({ title: 'A7 still here', body: '' });
    await eventually(() =>
      expect(live?.contents().map((content) => titleOf.parse(content))).toContain('A7 still here'),
    );
    expect(JSON.stringify(ended?.events)).not.toContain('A7 still here');
    subscriptions[1]?.leave();
  });

  test('A7 S4 a subscription does not keep its session from going idle, and ends with it', async () => {
    const alice = await signIn(upstream, 'alice');
    const longAgo = Date.now() - 300_000;
    await sessionStore().touch(keyOf(alice), longAgo, Date.now() + 3_000);
    const { response } = await subscribe(alice);
    const stream = readEvents(response);
    await eventually(() => expect(stream.events.length).toBeGreaterThan(1));
    expect((await sessionStore().read(keyOf(alice)))?.seenAt).toBe(longAgo);
    await stream.ended;
    expect(errorsOf(stream.events)).toEqual(['UNAUTHORIZED']);
  });

  test('A7 B15 a page of one user gets no events of another user who has signed in since', async () => {
    const bob = await signIn(upstream, 'bob');
    const { response } = await subscribe(bob, as('alice'));
    const stream = readEvents(response);
    await eventually(() => expect(stream.events.length).toBeGreaterThan(1));
    expect(errorsOf(stream.events)).toEqual(['FORBIDDEN']);
    await stream.ended;
    expect(stream.events).toHaveLength(2);
  });

  test('A7 an anonymous subscription is UNAUTHORIZED; one of another site, or with an invalid id, is refused', async () => {
    const alice = await signIn(upstream, 'alice');
    const anonymous = readEvents(
      (await subscribe(new Headers({ 'sec-fetch-site': 'same-origin' }))).response,
    );
    await anonymous.ended;
    expect(errorsOf(anonymous.events)).toEqual(['UNAUTHORIZED']);
    const foreign = await subscribe(
      new Headers({ cookie: alice.get('cookie') ?? '', 'sec-fetch-site': 'cross-site' }),
    );
    expect(foreign.response.status).toBe(403);
    const input = encodeURIComponent(JSON.stringify({ lastEventId: 'a\r\nauthorization: Bearer mine' }));
    const forged = readEvents((await subscribe(alice, `?input=${input}`)).response);
    await forged.ended;
    expect(errorsOf(forged.events)).toEqual(['BAD_REQUEST']);
  });

  test('A7 a session at its limit of subscriptions gets another one only after one has ended', async () => {
    const [alice, bob] = [await signIn(upstream, 'alice'), await signIn(upstream, 'bob')];
    const enough = Array.from({ length: limits().subscriptionsPerSession }, () => subscribe(alice));
    const open = await Promise.all(enough);
    const streams = open.map(({ response }) => readEvents(response));
    await eventually(() => {
      for (const { events } of streams) expect(events.length).toBeGreaterThan(1);
    });
    const refused = readEvents((await subscribe(alice)).response);
    await refused.ended;
    expect(errorsOf(refused.events)).toEqual(['TOO_MANY_REQUESTS']);

    const [first, ...others] = open;
    first?.leave();
    await streams[0]?.ended;
    const again = await subscribe(alice);
    const ofAnother = await subscribe(bob);
    for (const { response } of [again, ofAnother]) {
      const stream = readEvents(response);
      await eventually(() => expect(stream.events.length).toBeGreaterThan(1));
      expect(errorsOf(stream.events)).toEqual([]);
    }
    for (const { leave } of [...others, again, ofAnother]) leave();
  });

  test('A7 a subscription that is an async generator ends with the session as well, even one that waits for ever', async () => {
    const [began, ended]: [string[], string[]] = [[], []];
    const waiting = async function* (name: string, signal: AbortSignal | undefined) {
      try {
        began.push(name);
        yield* [];
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      } finally {
        ended.push(name);
      }
    };
    const own = router({
      protected: protectedProcedure.subscription(({ signal }) => waiting('protected', signal)),
      optional: optionalProcedure.subscription(({ signal }) => waiting('optional', signal)),
    });
    const alice = await signIn(upstream, 'alice');
    const caller = (signal: AbortSignal) =>
      createCallerFactory(own)(createContext({ headers: alice, signal }), { signal });
    const one = subscriber((signal) => caller(signal).protected());
    const other = subscriber((signal) => caller(signal).optional());
    await eventually(() => expect(began).toHaveLength(2));
    await sessionStore().endRecord(keyOf(alice), 'revoked', Date.now());
    expect(await one.ended).toMatchObject({ code: 'UNAUTHORIZED' });
    // In silence: its browser comes back, as nobody.
    expect(await other.ended).toMatchObject({ name: 'AbortError' });
    await Promise.all([one.leave(), other.leave()]);
    await eventually(() => expect(ended.sort()).toEqual(['optional', 'protected']));
  });
});

test('A7 A10 a browser that stops reading and then disconnects causes no unhandled rejection', async () => {
  const alice = await signIn(upstream, 'alice');
  const rejected: unknown[] = [];
  const note = (reason: unknown) => void rejected.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  for (let n = 0; n < 10; n += 1) {
    const { response, leave } = await subscribe(alice);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    await reader?.cancel();
    leave();
    await afterRejections();
  }
  expect(rejected).toEqual([]);
});
