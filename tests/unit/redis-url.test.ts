import { expect, test } from 'vitest';
import { parseRedisUrl } from '../../packages/next-trpc-bff/src/runtime/redis-url';

const plain = { cluster: false, tls: false, database: 0 };

test.each([
  ['redis://cache', { ...plain, nodes: [{ host: 'cache', port: 6379 }] }],
  ['redis://cache:7000/3', { ...plain, nodes: [{ host: 'cache', port: 7000 }], database: 3 }],
  ['rediss://[::1]:7000/', { ...plain, nodes: [{ host: '::1', port: 7000 }], tls: true }],
  ['redis://:p%40ss@cache', { ...plain, nodes: [{ host: 'cache', port: 6379 }], password: 'p@ss' }],
  [
    'rediss://app:secret@one:7000,two/?cluster=true',
    {
      nodes: [
        { host: 'one', port: 7000 },
        { host: 'two', port: 6379 },
      ],
      cluster: true,
      tls: true,
      username: 'app',
      password: 'secret',
      database: 0,
    },
  ],
  ['redis://cache/?cluster=true', { ...plain, nodes: [{ host: 'cache', port: 6379 }], cluster: true }],
])('%s is parsed', (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

test('several hosts are a cluster', () => {
  expect(parseRedisUrl('redis://one,two')).toMatchObject({ cluster: true });
});

test.each([
  'redis://',
  'redis:cache',
  'redis://cache:99999',
  'redis://one,,two',
  'redis://cache/x',
  'redis://cache?tls=true',
  'redis://:%zz@cache',
  'redis://one,two/1',
  'http://cache',
])('%s is refused', (url) => {
  expect(parseRedisUrl(url)).toBeNull();
});
