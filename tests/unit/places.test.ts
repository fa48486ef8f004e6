import { expect, test } from 'vitest';
import { Patience } from '../../server/upstream/patience';
import { type GiveBack, NoPlace, Places } from '../../server/upstream/places';

const forever = new Patience();
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Asks for places by name, and tells who got one, in order. */
function asking(places: Places) {
  const got: string[] = [];
  const givers: GiveBack[] = [];
  return {
    got,
    givers,
    ask: (name: string, patience = forever) =>
      places.take(patience).then((giveBack) => {
        got.push(name);
        givers.push(giveBack);
      }),
  };
}

test('A9 those who wait for a place get it in the order of their coming, and as many as there are', async () => {
  const { ask, got, givers } = asking(new Places(2, 3));
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

test('A9 who finds the queue full is refused at once; the next one finds the place that got free', async () => {
  const { ask, got, givers } = asking(new Places(1, 1));
  void ask('a');
  void ask('b');
  await expect(ask('c')).rejects.toThrow(NoPlace);
  await settled();
  givers[0]?.();
  await settled();
  givers[1]?.();
  await ask('d');
  expect(got).toEqual(['a', 'b', 'd']);
});

test('A10 who goes away leaves the queue to others', async () => {
  const { ask, got, givers } = asking(new Places(1, 1));
  void ask('a');
  const left = new Patience();
  const waiting = ask('b', left);
  left.giveUp(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  void ask('c');
  await settled();
  givers[0]?.();
  await settled();
  expect(got).toEqual(['a', 'c']);
  await expect(ask('d', left)).rejects.toThrow('gone');
});

test('A9 who waits longer than it may gets no place', async () => {
  const { ask } = asking(new Places(1, 1));
  void ask('a');
  const short = new Patience();
  short.begin(1);
  await expect(ask('b', short)).rejects.toThrow(NoPlace);
});
