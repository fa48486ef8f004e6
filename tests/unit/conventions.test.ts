import { expect, test } from 'vitest';
import { isUnauthenticated, unwrap } from '../../server/upstream/conventions';

test('T17 the envelope is opened, whatever it carries', () => {
  for (const data of [{ id: 1 }, [1, 2], null, 'text']) expect(unwrap({ data, message: 'ok' })).toEqual(data);
});

test('T17 what only looks like an envelope is a resource of its own', () => {
  for (const resource of [
    { data: [1], nextCursor: null },
    { data: 1, message: 'ok', id: 7 },
    { data: 1, message: { text: 'ok' } },
    { message: 'ok' },
    [{ data: 1, message: 'ok' }],
    'text',
    undefined,
  ]) {
    expect(unwrap(resource)).toBe(resource);
  }
});

test('B13 the words count in a bare answer only', () => {
  const message = 'Unauthenticated.';
  expect(isUnauthenticated(200, { message })).toBe(true);
  expect(isUnauthenticated(403, { message })).toBe(true);
  expect(isUnauthenticated(200, { data: { id: 1 }, message })).toBe(false);
  expect(isUnauthenticated(200, { data: { message } })).toBe(false);
  expect(isUnauthenticated(419, undefined)).toBe(true);
});
