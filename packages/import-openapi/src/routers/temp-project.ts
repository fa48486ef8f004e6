import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';

/** An error that the compiler found in a file. */
export interface Diagnostic {
  /** The file's later place below the project's folder. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A folder for files that are not in their place yet. */
export interface TempProject {
  /** Formats files as the project does, and stores them. Takes and returns texts by path below the project's folder. */
  put(files: ReadonlyMap<string, string>): Promise<Map<string, string>>;
  /** Compiles some of the stored files as if they were in their place. */
  diagnostics(paths: readonly string[]): Promise<Diagnostic[]>;
  /** Removes the folder. */
  close(): void;
}

/**
 * Makes a temporary folder below the project's folder, where files find the project's packages.
 *
 * @param root - The project's folder
 */
export function openTempProject(root: string): TempProject {
  mkdirSync(join(root, '.data'), { recursive: true });
  const folder = mkdtempSync(join(root, '.data', 'import-openapi-'));
  return {
    async put(files) {
      for (const [path, code] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), code);
      }
      const paths = [...files.keys()].map((path) => relative(root, join(folder, path)));
      if (paths.length > 0) await format(root, paths);
      return new Map([...files.keys()].map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
    },
    async diagnostics(paths) {
      if (paths.length === 0) return [];
      const settings = {
        extends: '../../tsconfig.json',
        // Files find their neighbours in the project. An unused constant is no endpoint's fault.
        compilerOptions: { incremental: false, rootDirs: ['.', '../..'], noUnusedLocals: false },
        files: paths,
        include: [],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
      const compiler = programOf([join(root, 'package.json')], 'typescript', 'bin/tsc');
      const { code, output } = await run(root, compiler, ['--noEmit', '--pretty', 'false', '-p', folder]);
      const found = [...output.matchAll(/^(\S.*)\((\d+),\d+\): error (TS\d+: .*)$/gm)].map(
        ([, path = '', line, message = '']) => ({
          path: relative(folder, join(root, path)),
          line: Number(line),
          message,
        }),
      );
      if (code !== 0 && found.length === 0) throw new Error(`The compiler failed: ${output}`);
      return found.filter(({ path }) => path.startsWith('server/'));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Git ignores the folder, and its files may be larger than people write them. */
const FORMAT_OPTIONS = ['format', '--write', '--vcs-enabled=false', '--files-max-size=67108864'];

/** Formats by the project's settings of Biome; where there are none, with two spaces. */
async function format(root: string, paths: readonly string[]): Promise<void> {
  const biome = programOf([join(root, 'package.json'), import.meta.url], '@biomejs/biome', 'bin/biome');
  const style = isConfigured(root) ? [] : ['--indent-style=space'];
  const { code, output } = await run(root, biome, [...FORMAT_OPTIONS, ...style, ...paths]);
  if (code !== 0) throw new Error(`Biome cannot format what was written: ${output}`);
}

/** Biome looks for its settings in the folders above, too. */
const isConfigured = (folder: string): boolean =>
  ['biome.json', 'biome.jsonc'].some((name) => existsSync(join(folder, name))) ||
  (dirname(folder) !== folder && isConfigured(dirname(folder)));

/** Returns the path of a package's program, as the first of some modules that finds the package does. */
function programOf(modules: readonly string[], name: string, bin: string): string {
  for (const module of modules) {
    try {
      return join(dirname(createRequire(module).resolve(`${name}/package.json`)), bin);
    } catch {
      // The next one may find it.
    }
  }
  throw new Error(`${name} is not installed.`);
}

async function run(root: string, program: string, args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { cwd: root });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, output: stdout + stderr };
}
