import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { browserHeaders } from '../support/browser-headers';
import { compile, copyOfApplication } from '../support/documented-code';
import { temporaryFolder } from '../support/environment';
import { importInto, type Run } from '../support/importing';
import { startZoo } from '../support/zoo';

const zoo = await startZoo(['names.yaml']);
const copy = copyOfApplication();
const folder = temporaryFolder();
const filesOf = ({ lines }: Run) => lines.filter((line) => line.startsWith('server/routers/'));

test('A5 tags that differ only in spelling share a router; the printed lines are in the order of the map', () => {
  expect(zoo.lines.slice(0, 9)).toEqual([
    'server/routers/user-api.ts: 2 endpoints, written.',
    'server/routers/user-api-2.ts: 1 endpoint, written.',
    'server/routers/питомцы.ts: 1 endpoint, written.',
    'server/routers/ペット.ts: 1 endpoint, written.',
    'server/routers/z10.ts: 1 endpoint, written.',
    'server/routers/z2.ts: 2 endpoints, written.',
    '8 of 8 operations became endpoints.',
    'What stands in server/routers.ts can be called by every browser. To publish these endpoints, add there:',
    "  export { userApiRouter as userApi } from './routers/user-api';",
  ]);
  const modules = zoo.lines.flatMap((line) => /'\.\/routers\/(.*)'/.exec(line)?.[1] ?? []);
  expect(modules).toEqual(['user-api', 'user-api-2', 'z2', 'z10', 'питомцы', 'ペット']);
  expect(compile(zoo.copy)).toBe('');
});

test('A5 a procedure with a name in another script is called over HTTP', async () => {
  for (const path of ['питомцы.список', 'ペット.一覧']) {
    zoo.received.length = 0;
    const answer = await zoo.serveTRPC(
      new Request(`http://localhost:3000/api/trpc/${path}`, { headers: browserHeaders() }),
    );
    expect([answer.status, zoo.received.length], path).toEqual([200, 1]);
  }
});

test('A5 a tag in another script is selected by --tag', () => {
  const run = importInto(copy, 'names.yaml', '--tag', 'Питомцы', '--as', 'pets');
  expect(filesOf(run)).toEqual(['server/routers/pets.ts: 1 endpoint, written.']);
});

test('A5 operations beside the reference of a path, and headers in another case, are imported', async () => {
  for (const [path, method] of [
    ['z2.referred', 'GET'],
    ['z2.beside', 'DELETE'],
  ] as const) {
    await zoo.call(path);
    expect([zoo.last().method, zoo.last().url.pathname]).toEqual([method, '/v1/g']);
  }
  await zoo.call('z10.header', { groE: 'a', xFoo: 'b' });
  expect([zoo.last().url.pathname, zoo.last().headers['x-foo']]).toEqual(['/v1/f/a', 'b']);
  await expect(zoo.call('z10.header', { groE: 'a' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('A5 an import with --prefix retains the endpoints that the router has below other paths', () => {
  const text = () => readFileSync(join(copy, 'server/routers/user-api.ts'), 'utf8');
  expect(filesOf(importInto(copy, 'names.yaml', '--prefix', '/a'))).toEqual([
    'server/routers/user-api.ts: 1 endpoint, written.',
  ]);
  expect(filesOf(importInto(copy, 'names.yaml', '--prefix', '/b'))).toEqual([
    'server/routers/user-api.ts: 2 endpoints, written.',
  ]);
  expect(filesOf(importInto(copy, 'names.yaml', '--tag', 'user-api'))).toEqual([
    'server/routers/user-api.ts: 2 endpoints, unchanged.',
  ]);
  expect(text()).toContain("'GET /a/one'");
});

test('A5 the message for an unreadable description names its cause', () => {
  const said = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    const { status, lines } = importInto(copy, join(folder, name));
    return `${status} ${lines.join(' ')}`;
  };
  expect(said('broken.yaml', 'openapi: 3.1.0\ninfo: {title: t\npaths: [\n')).toMatch(
    /^1 .*broken\.yaml.*\(?\d+:\d+\)?/,
  );
  expect(said('empty.yaml', 'openapi: 3.1.0\npaths: {}\n')).toMatch(/^1 .*empty\.yaml has no paths\.$/);
  expect(said('hooks.yaml', 'openapi: 3.1.0\nwebhooks: {a: {}}\n')).toMatch(/ has no paths, only webhooks: /);
  expect(importInto(copy, 'https://example.com/openapi.json').lines).toEqual([
    'https://example.com/openapi.json is not fetched: download it first.',
  ]);
});
