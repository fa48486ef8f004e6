import { expect, test } from 'vitest';
import { fieldErrorsIn, isUnauthenticated } from '../../server/upstream/conventions';

const message = 'Unauthenticated.';

test.each([
  [401, undefined],
  [419, undefined],
  [200, { message }],
  [403, { message }],
  [200, { data: null, message, status: 'error' }],
])('B13 %i with %j says unauthenticated', (status, payload) => {
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
])('B13 %i with %j does not', (status, payload) => {
  expect(isUnauthenticated(status, payload)).toBe(false);
});

test('field errors are read as lists of texts, and anything else is passed over', () => {
  expect(fieldErrorsIn({ errors: { title: ['too long'], body: 'empty', n: 1, list: [] } })).toEqual({
    title: ['too long'],
    body: ['empty'],
  });
  for (const payload of [null, undefined, 'x', [], {}, { errors: 'x' }, { errors: [] }])
    expect(fieldErrorsIn(payload)).toBeNull();
});
