import { describe, expect, test } from 'vitest';
import { alice, api, aRoom, enter, idsAskedFor, until, untilOpen, untilSeen } from '../support/event-rooms';

describe.concurrent('A7 ids of events', () => {
  test.each([
    ['too long', 'x'.repeat(1_025)],
    ['with control characters', '1\u0007'],
  ])(
    'one that is %s for an address is no dead end, for subscribers and when the upstream drops',
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
      await until(() => expect(idsAskedFor(room)).toEqual([null, '2']));
      await back.leave();
    },
  );

  test('who comes back after an event without one goes on after the last that had one', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.push(room, 1);
    api.write(room, 'data: 100\n\n');
    await untilSeen(one, [1, 100]);
    await one.leave();
    await until(() => expect(api.open(room)).toBe(0));
    api.push(room, 2, 3);
    const back = enter(room, alice, one.lastEventId);
    await untilOpen(room);
    api.push(room, 4);
    await untilSeen(back, [2, 3, 4]);
    await back.leave();
  });

  test('those that look like ours and are not go back to the upstream', async () => {
    const room = aRoom();
    const back = enter(room, alice, '~7');
    await untilOpen(room);
    expect(idsAskedFor(room)).toEqual(['~7']);
    await back.leave();
  });

  test('an empty one forgets the last', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.push(room, 1);
    api.write(room, 'id\ndata: 2\n\n');
    await untilSeen(one, [1, 2]);
    api.drop(room);
    await until(() => expect(idsAskedFor(room)).toEqual([null, null]));
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
