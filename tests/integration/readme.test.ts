import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { browserHeaders } from '../support/browser-headers';
import { compile, layerFollowing, ROOT, serveTRPCOf, write } from '../support/documented-code';
import { signIn, startUpstream } from '../support/signed-in';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

/** Compiles only if the endpoint's output is known to be exactly a string. */
const TYPE_CHECK = `import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from './server/router';
type Name = inferRouterOutputs<AppRouter>['profile']['mine']['name'];
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export const isString: Same<Name, string> = true;
`;

const upstream = await startUpstream();
const copy = layerFollowing('README.md');
write(join(copy, 'check.ts'), TYPE_CHECK);

test('A5 the README’s endpoint compiles, typed end to end', () => {
  expect(compile(copy)).toBe('');
});

test('A5 the README’s endpoint answers', async () => {
  const serveTRPC = await serveTRPCOf(copy);
  const alice = await signIn(upstream, 'alice');
  const ask = (headers: Headers) =>
    serveTRPC(new Request('http://localhost:3000/api/trpc/profile.mine', { headers }));
  expect(await (await ask(alice)).json()).toMatchObject({
    result: { data: { sub: 'alice', email: expect.stringContaining('@') } },
  });
  expect((await ask(browserHeaders())).status).toBe(401);
});

test('the commands in the README exist', () => {
  const named = [...readme.matchAll(/npm (?:run )?([\w-]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'ci');
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect(scripts).toHaveProperty(name);
});

test('the files that the README names exist', () => {
  const named = [
    ...readme.matchAll(/`((?:server|trpc|app|demo|docs|packages|tests)\/[\w()./-]*|auth\.ts|proxy\.ts)`/g),
  ].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(8);
  for (const path of named) expect(() => readFileSync(join(ROOT, path))).not.toThrow(/ENOENT/);
});

test('the README’s first screen holds the flow, the two commands, the way to adopt it and the endpoint', () => {
  const firstScreen = readme.split('\n').slice(0, 45).join('\n');
  for (const part of [
    '401      →',
    'npm ci && npm run dev',
    'npm ci && npm test',
    'docs/adopting.md',
    'server/routers/profile.ts',
    'export { profileRouter as profile }',
  ]) {
    expect(firstScreen).toContain(part);
  }
});
