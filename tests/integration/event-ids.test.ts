import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { sharedEvents } from '../../packages/next-trpc-bff/src/upstream/events/shared';
import { isReturnable, upstreamIdOf } from '../../packages/next-trpc-bff/src/upstream/events/source';
import {
  alice,
  api,
  aRoom,
  enter,
  eventually,
  idsAskedFor,
  untilOpen,
  untilSeen,
} from '../support/event-rooms';

describe.concurrent('A7 ids of events', () => {
  test.each([
    ['too long', 'x'.repeat(1_025)],
    ['with control characters', '1\u0007'],
  ])(
    'one that is %s for an address does not stop subscribers, nor a reconnect to the upstream',
    async (_, id) => {
      const room = aRoom();
      const one = enter(room);
      await untilOpen(room);
      api.push(room, 1);
      api.write(room, `id: ${id}\ndata: 100\n\n`);
      await untilSeen(one, [1, 100]);
      await one.leave();
      api.push(room, 2);
      const back = enter(room, alice, one.lastEventId);
      await untilSeen(back, [2]);
      api.drop(room);
      await eventually(() => expect(idsAskedFor(room)).toEqual([null, '2']));
      await back.leave();
    },
  );

  test('a subscriber that reconnects after an event without one goes on after the last that had one', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.push(room, 1);
    api.write(room, 'data: 100\n\n');
    await untilSeen(one, [1, 100]);
    await one.leave();
    await eventually(() => expect(api.open(room)).toBe(0));
    api.push(room, 2, 3);
    const back = enter(room, alice, one.lastEventId);
    await untilOpen(room);
    api.push(room, 4);
    await untilSeen(back, [2, 3, 4]);
    await back.leave();
  });

  test('one near the limit is not lost to an event without one', async () => {
    const room = aRoom();
    const id = 'x'.repeat(1_000);
    const one = enter(room);
    await untilOpen(room);
    api.write(room, `id: ${id}\ndata: 1\n\ndata: 2\n\n`);
    await untilSeen(one, [1, 2]);
    await one.leave();
    await eventually(() => expect(api.open(room)).toBe(0));
    const back = enter(room, alice, one.lastEventId);
    await untilOpen(room);
    expect(idsAskedFor(room)).toEqual([null, id]);
    await back.leave();
  });

  test('ids from before a restart need streams of their own only until the next event', async () => {
    const room = aRoom();
    const shared = enter(room);
    await untilOpen(room);
    const back = [5, 6, 7].map((n) => enter(room, alice, `~${randomUUID()}.${n}.41`));
    await untilOpen(room, 4);
    api.write(room, 'data: 1\n\n');
    await untilOpen(room, 1);
    api.write(room, 'data: 2\n\n');
    for (const one of [shared, ...back]) await eventually(() => expect(one.contents.at(-1)).toBe(2));
    await Promise.all([shared, ...back].map((one) => one.leave()));
  });

  test('ids in the format of ours that are not ours are sent to the upstream', async () => {
    const room = aRoom();
    const back = enter(room, alice, '~7');
    await untilOpen(room);
    expect(idsAskedFor(room)).toEqual(['~7']);
    await back.leave();
  });

  test('an empty one clears the last event id', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.push(room, 1);
    api.write(room, 'id\ndata: 2\n\n');
    await untilSeen(one, [1, 2]);
    api.drop(room);
    await eventually(() => expect(idsAskedFor(room)).toEqual([null, null]));
    await one.leave();
  });

  test('where one comes twice, no event is skipped on the way to the shared stream', async () => {
    const room = aRoom();
    api.answerWith(room, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: c\ndata: 3\n\nid: c\ndata: 4\n\nid: d\ndata: 5\n\n');
    });
    const live = enter(room);
    await untilSeen(live, [3, 4, 5]);
    const back = enter(room, alice, 'b');
    await untilSeen(back, [3, 4, 5]);
    await Promise.all([live.leave(), back.leave()]);
  });
});

test('A7 an id that fits into an address can be sent back, whatever its characters', () => {
  expect(isReturnable('你'.repeat(113))).toBe(true);
  expect(isReturnable('你'.repeat(114))).toBe(false);
  expect(isReturnable('\ud800')).toBe(true);
  for (const id of ['a.b', 'a\u2028b', '~7']) expect(upstreamIdOf(`~${randomUUID()}.3.${id}`)).toBe(id);
});

test('A7 with ids that are all the same a new subscriber gets none of the old events', async () => {
  const body = new PassThrough();
  const headers = { 'content-type': 'text/event-stream' };
  const source = { call: 'GET /x', dueAt: () => null, open: async () => ({ status: 200, headers, body }) };
  const leaving = new AbortController();
  const subscribe = () =>
    sharedEvents('same ids', source, { origin: null, lastEventId: null }, leaving.signal);
  const one = subscribe();
  for (const data of ['1', '2', '3']) {
    body.write(`id: same\ndata: ${data}\n\n`);
    expect((await one.next()).value).toMatchObject({ event: { data } });
  }
  const next = subscribe().next();
  body.write('id: same\ndata: 4\n\n');
  expect((await next).value).toMatchObject({ event: { data: '4' } });
  leaving.abort();
});
