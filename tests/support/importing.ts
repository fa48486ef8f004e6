import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ROOT } from './documented-code';
import { publish } from './publish';

const DESCRIPTIONS = join(ROOT, 'tests/support/descriptions');

/** What a run of `npm run import-openapi` printed, line by line. */
export interface Run {
  readonly status: number | null;
  readonly lines: readonly string[];
}

/** Imports a description into a copy of the layer. */
export function importInto(copy: string, description: string, ...options: readonly string[]): Run {
  const tool = join(ROOT, 'tools/import-openapi/run.ts');
  const file = /^https:/.test(description) ? description : resolve(DESCRIPTIONS, description);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', tool, file, ...options],
    { cwd: copy, encoding: 'utf8' },
  );
  return { status, lines: `${stdout}${stderr}`.trimEnd().split('\n') };
}

/** Does what a run says is left to do. */
export function publishAll(copy: string, { lines }: Run): void {
  const told = lines.filter((line) => line.startsWith('  '));
  publish(join(copy, 'server/routers.ts'), told);
}

const modules = z.object({
  appRouter: z.custom<object>(),
  createCallerFactory: z.custom<(router: object) => (context: object) => object>(),
  createContext: z.custom<(from: { headers: Headers }) => object>(),
  serveTRPC: z.custom<(request: Request) => Promise<Response>>(),
});

/**
 * Loads a copy of the layer.
 *
 * @returns Its HTTP handler, and a way to call its procedures by path
 */
export async function loadLayer(copy: string) {
  const files = ['router', 'trpc', 'context', 'handler'];
  const loaded: object[] = await Promise.all(
    files.map((file) => import(pathToFileURL(join(copy, `server/${file}.ts`)).href)),
  );
  const { appRouter, createCallerFactory, createContext, serveTRPC } = modules.parse(
    Object.assign({}, ...loaded),
  );
  const call = async (path: string, input?: unknown, headers = new Headers()): Promise<unknown> => {
    const caller = createCallerFactory(appRouter)(createContext({ headers }));
    const procedure = path
      .split('.')
      .reduce<unknown>((node, name) => Reflect.get(Object(node), name), caller);
    if (typeof procedure !== 'function') throw new TypeError(`There is no ${path}.`);
    return procedure(input);
  };
  return { call, serveTRPC };
}
