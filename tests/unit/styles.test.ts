import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryString } from '../../packages/next-trpc-bff/src/upstream/client';
import {
  deepObject,
  headerFields,
  separated,
  urlEncoded,
} from '../../packages/next-trpc-bff/src/upstream/imported/styles';

test('a list is one word where the API wants that, and left out where there is none', () => {
  expect(separated([1, 2, 3], ',')).toBe('1,2,3');
  expect(separated(['a'], '|')).toBe('a');
  expect(separated({ r: 1, g: [2, 3], b: undefined }, ',')).toBe('r,1,g,2,3');
  expect([separated(undefined, ','), separated(null, ',')]).toEqual([undefined, undefined]);
});

test('an object has its keys in brackets, however deep', () => {
  expect(deepObject('f', { a: 1, b: { c: 'x y' }, d: [{ e: true }, 2], n: null, u: undefined })).toEqual({
    'f[a]': 1,
    'f[b][c]': 'x y',
    'f[d][0][e]': true,
    'f[d][1]': 2,
  });
  expect([deepObject('f', undefined), deepObject('f', 7)]).toEqual([{}, { f: 7 }]);
});

test('a form is encoded like a query string', () => {
  expect(urlEncoded({ a: 'b c&', d: [1, 2], n: null }).toString()).toBe('a=b+c%26&d=1&d=2');
});

test('headers that are absent are left out, and lists are separated by commas', () => {
  expect(headerFields({ a: 'x', b: [1, 2], c: undefined, d: null, e: { r: 1 } })).toEqual({
    a: 'x',
    b: '1,2',
    e: 'r,1',
  });
});

test('S9 property: no key or value of an object changes host or path, or ends the query', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (filter) => {
      const url = new URL(`http://api.test/base/notes${queryString(deepObject('filter', filter))}`);
      return (
        url.host === 'api.test' &&
        url.pathname === '/base/notes' &&
        url.hash === '' &&
        [...url.searchParams.keys()].every((name) => name.startsWith('filter['))
      );
    }),
    { numRuns: 1_000 },
  );
});
