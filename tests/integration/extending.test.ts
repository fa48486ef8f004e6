import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { compile, layerFollowing, ROOT, snippetsOf, write } from '../support/documented-code';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const DOCUMENT = 'docs/extending.md';
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const upstream = await startUpstream();
const copy = layerFollowing(DOCUMENT);

test('A5 the snippets of docs/extending.md compile together, with the layer', () => {
  expect(snippetsOf(DOCUMENT).length).toBeGreaterThan(4);
  expect(compile(copy)).toBe('');
});

test('A5 the endpoints and the procedure of docs/extending.md answer', async () => {
  const { serveTRPC } = z
    .object({ serveTRPC: z.custom<(request: Request) => Promise<Response>>() })
    .parse(await import(pathToFileURL(join(copy, 'server/handler.ts')).href));
  const alice = await signIn(upstream, 'alice');
  const ask = async (path: string, input: object | undefined, method = 'GET') => {
    const address = `${APP_ORIGIN}/api/trpc/${path}`;
    const body = JSON.stringify(input ?? null);
    const headers = new Headers(alice);
    headers.set('content-type', 'application/json');
    const request =
      method === 'GET'
        ? new Request(`${address}${input ? `?input=${encodeURIComponent(body)}` : ''}`, { headers })
        : new Request(address, { method, headers, body });
    const { result } = await (await serveTRPC(request)).json();
    return result.data;
  };
  const { id } = await ask('journal.write', { title: 'Documented' }, 'POST');
  expect(await ask('journal.rename', { id, title: 'Renamed' }, 'POST')).toMatchObject({ title: 'Renamed' });
  expect(await ask('journal.byId', { id })).toMatchObject({ id, title: 'Renamed' });
  expect(await ask('journal.list', { limit: 1 })).toMatchObject({ items: [{ id }] });
  expect(await ask('digest.today', { limit: 1 })).toMatchObject({ for: 'alice', titles: ['Renamed'] });
  await ask('journal.strike', { id }, 'POST');
  expect(await ask('journal.motto', undefined)).toMatchObject({ message: expect.any(String) });
});

test('A5 the test of docs/extending.md passes', () => {
  write(join(copy, 'vitest.config.ts'), 'export default {};\n');
  const { stdout, stderr, status } = spawnSync(process.execPath, [VITEST, 'run', '--root', copy], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_ENV: 'test' },
  });
  expect(`${stdout}${stderr}`).toMatch(/2 passed/);
  expect(status).toBe(0);
});
