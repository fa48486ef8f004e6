import { expect, test } from 'vitest';
import { fieldErrorsIn, unwrap, verdictOf } from '../../packages/next-trpc-bff/src/upstream/conventions';

const message = 'Unauthenticated.';

const headers = {};

test.each([
  [401, undefined],
  [419, undefined],
  [200, { message }],
  [403, { message }],
  [200, { data: null, message, status: 'error' }],
])('B13 %i with %j means unauthenticated', (status, payload) => {
  expect(verdictOf({ status, headers, payload })).toBe('unauthenticated');
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
  expect(verdictOf({ status, headers, payload })).toBe(status === 403 ? 'forbidden' : 'accepted');
});

test.each([
  ['a stronger sign-in', 'Bearer error="insufficient_user_authentication", acr_values="phr"', 'forbidden'],
  ['more scope', 'Bearer realm="x", error="insufficient_scope"', 'forbidden'],
  ['a valid token', 'Bearer error="invalid_token", scope="notes"', 'unauthenticated'],
  ['a token', 'Bearer realm="insufficient_scope"', 'unauthenticated'],
])('B18 a 401 that asks for %s is %s: %s', (_, challenge, verdict) => {
  const asking = { 'www-authenticate': challenge };
  expect(verdictOf({ status: 401, headers: asking, payload: { message } })).toBe(verdict);
  // Another status has its own meaning, whatever it asks for.
  expect(verdictOf({ status: 419, headers: asking, payload: undefined })).toBe('unauthenticated');
  expect(verdictOf({ status: 500, headers: asking, payload: undefined })).toBe('accepted');
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
