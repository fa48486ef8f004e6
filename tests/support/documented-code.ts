import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { publish } from './publish';

/** Root folder of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** What a reader who follows the documents starts from. */
const LAYER = ['server', 'trpc', 'app', 'auth.ts', 'auth-providers.ts', 'proxy.ts', 'next-env.d.ts'];

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
 * Makes a copy of the layer beside the original, so that it finds the same packages. Removed after the test file.
 *
 * @returns The copy's folder
 */
export function copyOfLayer(): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.data', 'layer-'));
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  for (const path of LAYER.filter((part) => existsSync(join(ROOT, part))))
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  const compilerOptions = { paths: { '@/*': ['./*'] }, noEmit: true, incremental: false, composite: false };
  const include = ['**/*.ts', '**/*.tsx'];
  write(
    join(copy, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include, exclude: [] }),
  );
  return copy;
}

/** Makes a copy of the layer, and does in it what a document says. */
export function layerFollowing(document: string): string {
  const copy = copyOfLayer();
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
