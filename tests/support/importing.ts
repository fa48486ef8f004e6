import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { ROOT, serveTRPCOf } from './documented-code';
import { publish } from './publish';

const DESCRIPTIONS = join(ROOT, 'tests/support/descriptions');

/** What a run of the importer printed, line by line. */
export interface Run {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** Imports a description into a copy of the application, by the importer's source. */
export function importInto(copy: string, description: string, ...options: readonly string[]): Run {
  const source = join(ROOT, 'packages/import-openapi/src/run.ts');
  return run(copy, ['--import', 'tsx', source], description, options);
}

/** Imports a description into a copy of the application that has the importer among its packages, packed and unpacked. */
export function importInstalled(copy: string, description: string): Run {
  const name = 'next-trpc-bff-import-openapi';
  const folder = join(copy, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  const pack = ['pack', '--silent', '--workspace', name, '--pack-destination', folder];
  const { stdout } = spawnSync('npm', pack, { cwd: ROOT, encoding: 'utf8' });
  const archive = stdout.trim().split('\n').at(-1) ?? '';
  spawnSync('tar', ['xzf', archive, '--strip-components=1'], { cwd: folder });
  const { bin } = manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  return run(copy, [join(folder, bin['import-openapi'])], description, []);
}

const manifest = z.object({ bin: z.object({ 'import-openapi': z.string() }) });

function run(copy: string, program: readonly string[], description: string, options: readonly string[]): Run {
  const file = /^https:/.test(description) ? description : resolve(DESCRIPTIONS, description);
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, file, ...options], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, lines: `${stdout}${stderr}`.trimEnd().split('\n') };
}

/** Adds the lines to the map that a run printed for it. */
export function publishAll(copy: string, { lines }: Run): void {
  publish(
    join(copy, 'server/routers.ts'),
    lines.filter((line) => line.startsWith('  ')),
  );
}

const modules = z.object({
  appRouter: z.custom<object>(),
  createCallerFactory: z.custom<(router: object) => (context: object) => object>(),
});

/**
 * Loads a copy of the application.
 *
 * @returns Its HTTP handler, and a way to call its procedures by path
 */
export async function loadApplication(copy: string) {
  const files: object[] = await Promise.all(
    ['router', 'trpc'].map((file) => import(pathToFileURL(join(copy, `server/${file}.ts`)).href)),
  );
  const { appRouter, createCallerFactory } = modules.parse(Object.assign({}, ...files));
  const call = async (path: string, input?: unknown, headers = new Headers()): Promise<unknown> => {
    const caller = createCallerFactory(appRouter)(createContext({ headers }));
    const procedure = path
      .split('.')
      .reduce<unknown>((node, name) => Reflect.get(Object(node), name), caller);
    if (typeof procedure !== 'function') throw new TypeError(`There is no ${path}.`);
    return procedure(input);
  };
  return { call, serveTRPC: await serveTRPCOf(copy) };
}
