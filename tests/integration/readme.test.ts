import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { browserHeaders } from '../support/browser-headers';
import { signIn, startUpstream } from '../support/signed-in';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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

const snippet = (mark: string) => {
  const text = readme.split(`\`\`\`ts ${mark}\n`)[1]?.split('\n```')[0];
  if (!text) throw new Error(`The README has no snippet marked ${mark}.`);
  return text;
};

/** A copy of the layer beside the original, so that it finds the same packages, with the README's endpoint added. */
function layerWithSnippet(): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.data', 'readme-'));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(join(ROOT, 'server'), join(copy, 'server'), { recursive: true });
  writeFileSync(join(copy, 'server/routers/profile.ts'), snippet('file=server/routers/profile.ts'));
  const map = readFileSync(join(copy, 'server/router.ts'), 'utf8')
    .replace(
      'export const appRouter',
      `import { profileRouter } from './routers/profile';\n\nexport const appRouter`,
    )
    .replace('appRouter = router({\n', `appRouter = router({\n${snippet('line-of=server/router.ts')}\n`);
  writeFileSync(join(copy, 'server/router.ts'), map);
  writeFileSync(join(copy, 'check.ts'), TYPE_CHECK);
  writeFileSync(
    join(copy, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['**/*.ts'], exclude: [] }),
  );
  return copy;
}

const upstream = await startUpstream();
const copy = layerWithSnippet();

test('A5 the README’s endpoint compiles, typed end to end', () => {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '--noEmit', '-p', copy], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test('A5 the README’s endpoint answers', async () => {
  const { serveTRPC } = z
    .object({ serveTRPC: z.custom<(request: Request) => Promise<Response>>() })
    .parse(await import(pathToFileURL(join(copy, 'server/handler.ts')).href));
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
    .filter((name) => name !== 'install');
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect(scripts).toHaveProperty(name);
});

test('the files that the README names exist', () => {
  const named = [...readme.matchAll(/`((?:server|trpc|app|demo|docs|tests)\/[\w()./-]*|proxy\.ts)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(8);
  for (const path of named) expect(() => readFileSync(join(ROOT, path))).not.toThrow(/ENOENT/);
});

test('the README’s first screen holds the sentence, the flow, the two commands and the endpoint', () => {
  const firstScreen = readme.split('\n').slice(0, 45).join('\n');
  for (const part of [
    '401      →',
    'npm install && npm run dev',
    'npm install && npm test',
    'server/routers/profile.ts',
    'profile: profileRouter',
  ]) {
    expect(firstScreen).toContain(part);
  }
});
