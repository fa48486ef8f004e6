import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  alice,
  api,
  aRoom,
  bob,
  callerFor,
  enter,
  eventually,
  idsAskedFor,
  numbers,
  untilOpen,
  untilSeen,
} from '../support/event-rooms';
import { subscriber } from '../support/subscriber';

describe.concurrent('A7 events of the upstream', () => {
  test('A7 fifty subscribers share one upstream request, and the last to leave ends it', async () => {
    const room = aRoom();
    const crowd = Array.from({ length: 50 }, () => enter(room));
    await untilOpen(room);
    api.push(room, ...numbers(100));
    for (const one of crowd) await untilSeen(one, numbers(100));
    expect(api.asked(room)).toHaveLength(1);
    const [last, ...others] = crowd;
    await Promise.all(others.map((one) => one.leave()));
    api.push(room, 101);
    if (last) await untilSeen(last, numbers(101));
    expect(api.open(room)).toBe(1);
    await last?.leave();
    await untilOpen(room, 0);
    expect(api.asked(room)).toHaveLength(1);
  });

  test('A7 a dropped upstream stream is requested again: no event is lost, none comes twice', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.push(room, 1, 2);
    await untilSeen(one, [1, 2]);
    for (const round of [1, 2]) {
      api.drop(room);
      api.push(room, ...numbers(2, 2 * round + 1));
      await untilSeen(one, numbers(2 * round + 2));
    }
    expect(idsAskedFor(room)).toEqual([null, '2', '4']);
    await one.leave();
  });

  test('A7 a subscriber that reconnects goes on after its last event, from the kept events', async () => {
    const room = aRoom();
    const stays = enter(room);
    const leaves = enter(room);
    await untilOpen(room);
    api.push(room, 1);
    await untilSeen(leaves, [1]);
    await leaves.leave();
    api.push(room, 2, 3);
    await untilSeen(stays, [1, 2, 3]);
    const back = enter(room, alice, leaves.lastEventId);
    await untilSeen(back, [2, 3]);
    expect(api.asked(room)).toHaveLength(1);
    await Promise.all([stays.leave(), back.leave()]);
  });

  test('A7 a subscriber that reconnects when nothing is kept goes on after its last event, from the upstream', async () => {
    const room = aRoom();
    api.push(room, ...numbers(5));
    const back = enter(room, alice, '3');
    await untilSeen(back, [4, 5]);
    expect(idsAskedFor(room)).toEqual(['3']);
    // Older than what the shared stream has: by a stream of its own, until it meets the shared one.
    const older = enter(room, alice, '1');
    await untilSeen(older, [2, 3, 4, 5]);
    api.push(room, 6);
    for (const one of [back, older]) await eventually(() => expect(one.contents.at(-1)).toBe(6));
    await untilOpen(room);
    api.push(room, 7);
    await untilSeen(older, numbers(6, 2));
    await untilSeen(back, numbers(4, 4));
    expect(idsAskedFor(room)).toEqual(['3', '1']);
    await Promise.all([back.leave(), older.leave()]);
  });

  test('A7 a subscriber that does not read is disconnected, and goes on without a gap', async () => {
    const room = aRoom();
    const leaving = new AbortController();
    const slow = (await callerFor(alice, leaving.signal).events({ room }))[Symbol.asyncIterator]();
    const first = slow.next();
    const fast = enter(room);
    await untilOpen(room);
    api.push(room, 1);
    await first;
    api.push(room, ...numbers(2_000, 2));
    await untilSeen(fast, numbers(2_001));
    await expect(slow.next()).rejects.toMatchObject({ name: 'AbortError' });

    const back = enter(room, alice, '1');
    await untilSeen(back, numbers(2_000, 2));
    api.push(room, 2_002, 2_003);
    for (const one of [fast, back]) await eventually(() => expect(one.contents.at(-1)).toBe(2_003));
    expect(back.contents).toEqual(numbers(2_002, 2));
    await untilOpen(room, 1);
    await Promise.all([fast.leave(), back.leave()]);
  });

  test('A7 a subscriber gets the position of the stream before its first event', async () => {
    const room = aRoom();
    const first = enter(room);
    await untilOpen(room);
    api.write(room, 'id: 0\ndata: null\n\n');
    await eventually(() => expect(first.lastEventId).toBe('0'));
    const second = enter(room);
    await eventually(() => expect(second.lastEventId).toBe('0'));
    await second.leave();
    api.push(room, 1);
    const back = enter(room, alice, second.lastEventId);
    await untilSeen(back, [1]);
    expect(first.contents).toEqual([1]);
    await Promise.all([first.leave(), back.leave()]);
  });

  test('A7 B15 users never share a stream, whatever they subscribe to', async () => {
    const room = aRoom();
    api.push(room, 1);
    const everybody = numbers(20).map((n) => enter(room, n % 2 ? alice : bob, '0'));
    for (const one of everybody) await untilSeen(one, [1]);
    expect(
      api
        .asked(room)
        .map(({ token }) => decodeJwt(token).sub)
        .sort(),
    ).toEqual(['alice', 'bob']);
    await Promise.all(everybody.map((one) => one.leave()));
  });

  test('A7 A4 a public stream is requested without a token, once for all users', async () => {
    const room = aRoom();
    const crowd = [alice, bob, new Headers()].map((headers) =>
      subscriber((signal) => callerFor(headers, signal).open({ room })),
    );
    await untilOpen(room);
    api.push(room, 1);
    for (const one of crowd) await untilSeen(one, [1]);
    expect(api.asked(room)).toEqual([{ room, lastEventId: null, token: '' }]);
    await Promise.all(crowd.map((one) => one.leave()));
  });

  test('A7 B15 the last event id of one anonymous subscriber does not move the others', async () => {
    const room = aRoom();
    const open = (lastEventId: string | null) =>
      subscriber((signal) => callerFor(new Headers(), signal).open({ room, lastEventId }), lastEventId);
    const stranger = open('nonsense');
    await untilOpen(room, 2);
    const one = open(null);
    api.push(room, 7);
    await untilSeen(one, [7]);
    expect(idsAskedFor(room).toSorted()).toEqual(['nonsense', null]);
    expect(one.lastEventId).not.toBe('nonsense');
    await Promise.all([one.leave(), stranger.leave()]);
  });

  test('A7 with events without ids a subscriber that reconnects soon misses none, and our ids are not sent to the upstream', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.write(room, 'data: 1\n\n');
    await untilSeen(one, [1]);
    await one.leave();
    api.write(room, 'data: 2\n\ndata: 3\n\n');
    const back = enter(room, alice, one.lastEventId);
    await untilSeen(back, [2, 3]);
    api.drop(room);
    await eventually(() => expect(idsAskedFor(room)).toEqual([null, null]));
    await back.leave();
  });

  test('A7 `read` of the procedure parses events; comments and skipped events keep a stream alive', async () => {
    const room = aRoom();
    const one = subscriber((signal) => callerFor(alice, signal).named({ room }));
    await untilOpen(room);
    let beats = 0;
    const heartbeat = setInterval(() => {
      api.write(room, ': still here\n\n');
      beats += 1;
    }, 300);
    await eventually(() => expect(beats).toBe(6));
    expect(api.asked(room)).toHaveLength(1);
    clearInterval(heartbeat);
    api.write(room, 'id: 1\nevent: ping\ndata: {}\n\nid: 2\nevent: joined\ndata: bob\n\n');
    await untilSeen(one, ['joined: bob']);
    // Silent for longer than it may be: asked again, after what it had.
    await eventually(() => expect(idsAskedFor(room)).toEqual([null, '2']));
    await one.leave();
  });
});
