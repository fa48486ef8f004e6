import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AnyTRPCRouter } from '@trpc/server';
import { afterAll } from 'vitest';
import { z } from 'zod';
import { createTRPCHandler } from '../../packages/next-trpc-bff/src/procedures/handler';
import { publish } from './publish';

/** Root folder of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** The application's own files: what a reader who follows the documents starts from. */
const APPLICATION = ['server', 'trpc', 'app', 'auth.ts', 'proxy.ts'];

/** One snippet of a document: a whole file, or a line of one. */
interface Snippet {
  readonly kind: 'file' | 'line-of';
  readonly path: string;
  readonly text: string;
}

/** Returns the snippets of a document that say where they belong: ```` ```ts file=server/routers/profile.ts ````. */
export function snippetsOf(document: string): Snippet[] {
  const markdown = readFileSync(join(ROOT, document), 'utf8');
  return [...markdown.matchAll(/^```tsx? (file|line-of)=(\S+)\n(.*?)\n```$/gms)].map(
    ([, kind, path = '', text = '']) => ({ kind: kind === 'file' ? 'file' : 'line-of', path, text }),
  );
}

/**
 * Makes a copy of the application beside the original, so that it finds the same packages: the compiler the engine's
 * build, the test the engine's source, as elsewhere. Removed after the test file.
 *
 * @returns The copy's folder
 */
export function copyOfApplication(): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.data', 'application-'));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  for (const path of APPLICATION) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  const compilerOptions = { paths: { '@/*': ['./*'] }, noEmit: true, incremental: false, composite: false };
  // The original's types of routes, `PageProps` among them, as `next typegen` writes them.
  const include = ['**/*.ts', '**/*.tsx', '../../next-env.d.ts'];
  write(
    join(copy, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include, exclude: [] }),
  );
  return copy;
}

/** Makes a copy of the application, and does in it what a document says. */
export function layerFollowing(document: string): string {
  const copy = copyOfApplication();
  for (const { kind, path, text } of snippetsOf(document)) {
    if (kind === 'line-of') publish(join(copy, path), [text]);
    else write(join(copy, path), `${text}\n`);
  }
  return copy;
}

/** Writes a file, and the folders on its way. */
export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const routerModule = z.object({ appRouter: z.custom<AnyTRPCRouter>() });

/** Loads a copy's router, and answers requests to its tRPC endpoint. `@/` would lead to the original. */
export async function serveTRPCOf(copy: string): Promise<(request: Request) => Promise<Response>> {
  const loaded: unknown = await import(pathToFileURL(join(copy, 'server/router.ts')).href);
  return createTRPCHandler(routerModule.parse(loaded).appRouter);
}

/** Type-checks a copy; returns what the compiler says, which is nothing when all is well. */
export function compile(copy: string): string {
  return spawnSync(process.execPath, [TSC, '-p', copy], { encoding: 'utf8' }).stdout;
}

/** Lints a copy; returns what the linter says. Git ignores copies, the linter must not. */
export function lint(copy: string): string {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  const options = ['check', '--error-on-warnings', '--vcs-enabled=false', join(copy, 'server/routers')];
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...options], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return stdout + stderr;
}
