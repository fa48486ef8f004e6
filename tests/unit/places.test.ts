import { expect, test } from 'vitest';
import { Deadline, Limiter, QueueFull, type Release } from '../../packages/next-trpc-bff/src/runtime/bounds';

const forever = new Deadline();
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Asks for places by name, and tells who got one, in order. */
function asking(places: Limiter) {
  const got: string[] = [];
  const givers: Release[] = [];
  return {
    got,
    givers,
    ask: (name: string, patience = forever) =>
      places.acquire(patience).then((giveBack) => {
        got.push(name);
        givers.push(giveBack);
      }),
  };
}

test('A9 queued calls start first in, first out, up to the limit', async () => {
  const { ask, got, givers } = asking(new Limiter(2, 3));
  for (const name of ['a', 'b', 'c', 'd', 'e']) void ask(name);
  await settled();
  expect(got).toEqual(['a', 'b']);
  givers[1]?.();
  givers[1]?.();
  await settled();
  expect(got).toEqual(['a', 'b', 'c']);
  givers[0]?.();
  givers[2]?.();
  await settled();
  expect(got).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('A9 a call that finds the queue full is refused at once; the next one gets the free slot', async () => {
  const { ask, got, givers } = asking(new Limiter(1, 1));
  void ask('a');
  void ask('b');
  await expect(ask('c')).rejects.toThrow(QueueFull);
  await settled();
  givers[0]?.();
  await settled();
  givers[1]?.();
  await ask('d');
  expect(got).toEqual(['a', 'b', 'd']);
});

test('A10 a call whose caller goes away leaves the queue', async () => {
  const { ask, got, givers } = asking(new Limiter(1, 1));
  void ask('a');
  const left = new Deadline();
  const waiting = ask('b', left);
  left.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  void ask('c');
  await settled();
  givers[0]?.();
  await settled();
  expect(got).toEqual(['a', 'c']);
  await expect(ask('d', left)).rejects.toThrow('gone');
});

test('A9 a call that is queued too long is refused', async () => {
  const { ask } = asking(new Limiter(1, 1));
  void ask('a');
  const short = new Deadline();
  short.start(1);
  await expect(ask('b', short)).rejects.toThrow(QueueFull);
});
