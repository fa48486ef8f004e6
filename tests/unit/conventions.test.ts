import { expect, test } from 'vitest';
import {
  fieldErrorsIn,
  isUnauthenticated,
  unwrap,
} from '../../packages/next-trpc-bff/src/upstream/conventions';

const message = 'Unauthenticated.';

test.each([
  [401, undefined],
  [419, undefined],
  [200, { message }],
  [403, { message }],
  [200, { data: null, message, status: 'error' }],
])('B13 %i with %j means unauthenticated', (status, payload) => {
  expect(isUnauthenticated(status, payload)).toBe(true);
});

test.each([
  [200, { id: 1, author: 'bob', message }],
  [200, { data: { message }, message }],
  [200, { data: { message } }],
  [200, [{ message }]],
  [200, message],
  [200, null],
  [403, { message: 'Not yours.' }],
  [404, { message }],
  [500, { message }],
])('B13 %i with %j does not mean unauthenticated', (status, payload) => {
  expect(isUnauthenticated(status, payload)).toBe(false);
});

test('field errors are read as lists of texts, and anything else is skipped', () => {
  expect(fieldErrorsIn({ errors: { title: ['too long'], body: 'empty', n: 1, list: [] } })).toEqual({
    title: ['too long'],
    body: ['empty'],
  });
  for (const payload of [null, undefined, 'x', [], {}, { errors: 'x' }, { errors: [] }])
    expect(fieldErrorsIn(payload)).toBeNull();
});

test('T17 the envelope is opened, whatever its data', () => {
  for (const data of [{ id: 1 }, [1, 2], null, 'text']) expect(unwrap({ data, message: 'ok' })).toEqual(data);
});

test('T17 a resource that only looks like an envelope is not opened', () => {
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
