import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import {
  api,
  aRoom,
  enter,
  eventually,
  template,
  untilOpen,
  untilSeen,
  upstream,
} from '../support/event-rooms';
import { signIn } from '../support/signed-in';

describe.concurrent('A7 A9 failures of the upstream', () => {
  const json = (status: number) => (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"No."}');

  test.each([
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [503, 'SERVICE_UNAVAILABLE'],
    [200, 'BAD_GATEWAY'],
  ])('A9 an upstream that answers %i ends the subscription with %s', async (status, code) => {
    const room = aRoom();
    api.answerWith(room, json(status));
    expect(await enter(room).ended).toMatchObject({
      code,
      message: expect.stringContaining(`GET ${template}`),
    });
  });

  test.each([
    ['another shape', 'data: "one"\n\n', /another shape than expected: the whole body/],
    ['no JSON', 'data: one\n\n', /an event without JSON/],
    ['no end', `data: ${'x'.repeat(2_000_000)}`, /an event above the size limit/],
  ])('A8 an event of %s is BAD_GATEWAY', async (name, text, message) => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.write(room, text);
    // The last one is a fault of the stream, which is asked again a few times.
    if (name === 'no end') api.answerWith(room, json(403));
    expect(await one.ended).toMatchObject(
      name === 'no end'
        ? { code: 'FORBIDDEN' }
        : { code: 'BAD_GATEWAY', message: expect.stringMatching(message) },
    );
  });

  test('A7 an upstream that answers 204 completes the subscription', async () => {
    const room = aRoom();
    const one = enter(room);
    await untilOpen(room);
    api.answerWith(room, (response) => response.writeHead(204).end());
    api.drop(room);
    expect(await one.ended).toBeNull();
  });

  test('A7 T11 an upstream that rejects the token gets a new one; after that the session has ended', async () => {
    const carol = await signIn(upstream, 'alice');
    const room = aRoom();
    const rejected: string[] = [];
    api.answerWith(room, (response) => {
      rejected.push(api.asked(room).at(-1)?.token ?? '');
      json(401)(response);
    });
    expect(await enter(room, carol).ended).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(new Set(rejected).size).toBe(2);
    expect(await enter(room, carol).ended).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(rejected).toHaveLength(2);
  });
});

test('A7 a stream is opened again with a newer token when its own is due', async () => {
  await upstream.control('knobs', { accessTokenTtl: 6 });
  const dora = await signIn(upstream, 'alice');
  await upstream.control('knobs');
  const room = aRoom();
  const one = enter(room, dora);
  await untilOpen(room);
  api.push(room, 1);
  await eventually(() => expect(api.asked(room)).toHaveLength(2));
  const [first, second] = api.asked(room);
  expect(second?.lastEventId).toBe('1');
  expect(second?.token).not.toBe(first?.token);
  await untilOpen(room);
  api.push(room, 2);
  await untilSeen(one, [1, 2]);
  await one.leave();
});
