import { expect, test } from 'vitest';
import { camelCase, kebabCase } from '../../packages/import-openapi/src/description/names';
import { groupsOf, tagsOf } from '../../packages/import-openapi/src/routers/groups';
import { endpointNames, routerKey } from '../../packages/import-openapi/src/routers/router-names';
import { isBelow } from '../../packages/import-openapi/src/routers/selection';

test.each([
  ['repos/list-for-org', 'reposListForOrg'],
  ['listPets', 'listPets'],
  ['ListOAuthApps', 'listOAuthApps'],
  ['URLShortener_get', 'urlShortenerGet'],
  ['Get a café’s crème brûlée', 'getACafesCremeBrulee'],
  ['2fast', 'n2fast'],
  ['список-мой питомцев', 'списокМойПитомцев'],
  ['名前', '名前'],
  ['が ば', 'がば'],
  ['Größe_²', 'große2'],
  ['🐱', 'unnamed'],
  ['', 'unnamed'],
])('the camelCase of "%s" is %s', (name, expected) => {
  expect(camelCase(name)).toBe(expected);
});

test('a router gets its key and its file name from its tag, and avoids reserved names', () => {
  expect([routerKey('Pull Requests'), kebabCase('Pull Requests')]).toEqual(['pullRequests', 'pull-requests']);
  expect([routerKey('raw'), routerKey('Then'), kebabCase('../../etc/passwd')]).toEqual([
    'raw_',
    'then_',
    'etc-passwd',
  ]);
});

const operation = (id: string | null, method = 'GET', path = '/x/{id}') => ({ id, method, path });

test('A5 the endpoints of a router have unique names', () => {
  const names = (ids: readonly (string | null)[]) =>
    endpointNames(
      'repos',
      ids.map((id) => operation(id)),
    );
  expect(names(['repos/get', 'repos.list_all', 'reposFind', 'Repos-remove', 'get-repos'])).toEqual([
    'get',
    'listAll',
    'reposFind',
    'remove',
    'getRepos',
  ]);
  expect(names(['repos/get', 'get', 'Get'])).toEqual(['reposGet', 'get', 'get2']);
  expect(names([null, 'repos/call', 'repos'])).toEqual(['getXId', 'call_', 'repos']);
});

test('an operation without tags is grouped by the first word of its path that is no version', () => {
  const tagOf = (path: string) =>
    tagsOf({
      ...operation(null, 'GET', path),
      tags: [],
      summary: null,
      isDeprecated: false,
      node,
      items: [node],
    });
  const node = { value: {}, at: '#' };
  expect(['/v1/customers/{id}', '/api/2.0/a', '/{id}', '/v1', '/'].map(tagOf)).toEqual([
    ['customers'],
    ['a'],
    ['root'],
    ['v1'],
    ['root'],
  ]);
});

test('a prefix matches whole segments of a path', () => {
  expect(['/notes', '/notes/', 'notes'].map((prefix) => isBelow('/notes/{id}', prefix))).toEqual([
    true,
    true,
    true,
  ]);
  expect([isBelow('/notes', '/notes'), isBelow('/notes-archive', '/notes'), isBelow('/a', null)]).toEqual([
    true,
    false,
    true,
  ]);
});

test('an operation is in the router of each of its tags', () => {
  const node = { value: {}, at: '#' };
  const common = { summary: null, isDeprecated: false, node, items: [node] };
  const found = [
    { operation: { ...operation('a'), ...common, tags: ['Cats', 'dogs'] } },
    { operation: { ...operation('b'), ...common, tags: ['cats'] } },
  ];
  const groups = groupsOf(found, { tag: null, prefix: null, as: null }, () => () => false);
  expect(groups.map(({ key, operations }) => [key, operations.map(({ id }) => id)])).toEqual([
    ['cats', ['a', 'b']],
    ['dogs', ['a']],
  ]);
});
