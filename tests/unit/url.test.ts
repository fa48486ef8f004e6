import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandPath, queryString } from '../../packages/next-trpc-bff/src/upstream/client';

test('values become single encoded segments', () => {
  expect(expandPath('/notes/{id}/files/{name}', { id: 7, name: 'a/b?c#d é' })).toBe(
    '/notes/7/files/a%2Fb%3Fc%23d%20%C3%A9',
  );
});

test('a value that is missing, or a dot segment, is refused', () => {
  const climbing = ['.', '..', '../admin', 'a/../../admin', '..\\admin', './x', 'x/..', 'x\\.'];
  for (const id of [undefined, '', ...climbing])
    expect(() => expandPath('/notes/{id}', { id })).toThrow(/is missing|no path segments/);
  expect(() => expandPath('/compare/{a}..{b}', { a: 'x/', b: '/y' })).toThrow('no path segments');
  expect(() => expandPath('/x/..{n}', { n: '/secret' })).toThrow('no path segments');
  expect(expandPath('/compare/{a}...{b}', { a: 'v1', b: 'v2' })).toBe('/compare/v1...v2');
  expect(() => expandPath('//evil.example/{id}', { id: 1 })).toThrow('must start with one slash');
  for (const id of ['...', '..a', 'a..', 'a/b', '.hidden', 'a/..b'])
    expect(expandPath('/notes/{id}', { id })).toBe(`/notes/${encodeURIComponent(id)}`);
});

test('a template is a path with letters of any script', () => {
  expect(expandPath('/größe/{maß}/ein teil', { maß: 'ü' })).toBe('/gr%C3%B6%C3%9Fe/%C3%BC/ein%20teil');
  for (const template of ['/notes?sort=asc', '/notes#top'])
    expect(() => expandPath(template, {})).toThrow('must be a path only');
});

test('S9 property: no value changes host or path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (id) => {
      let path: string;
      try {
        path = expandPath('/notes/{id}/end', { id });
      } catch {
        return id === '' || /(?:^|[/\\])\.{1,2}(?:$|[/\\])/.test(id);
      }
      const url = new URL(`http://api.test/base${path}`);
      return (
        url.host === 'api.test' &&
        /^\/base\/notes\/[^/]+\/end$/.test(url.pathname) &&
        url.search === '' &&
        url.hash === ''
      );
    }),
    { numRuns: 2_000 },
  );
});

test('a query leaves out what is absent and repeats lists', () => {
  expect(queryString({ a: 1, b: undefined, c: null, d: ['x', 'y'], e: 'ü&=' })).toBe(
    '?a=1&d=x&d=y&e=%C3%BC%26%3D',
  );
  expect(queryString({ a: undefined })).toBe('');
});
