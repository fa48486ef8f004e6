import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { text } from 'node:stream/consumers';

/** What the compiler says of a file. */
export interface Complaint {
  /** Where the file will be, below the project's folder. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Files that are not in their place yet. */
export interface Stage {
  /** Formats files as the project does, and keeps them. Takes and returns texts by path below the project's folder. */
  put(files: ReadonlyMap<string, string>): Promise<Map<string, string>>;
  /** Compiles some of what was put here as if it were in its place. */
  complaints(paths: readonly string[]): Promise<Complaint[]>;
  /** Removes it all. */
  close(): void;
}

const BIOME = ['@biomejs/biome/package.json', 'bin/biome'] as const;
const TYPESCRIPT = ['typescript/package.json', 'bin/tsc'] as const;

/**
 * Makes a place for files, below the project's folder so that they find its packages.
 *
 * @param root - The project's folder
 */
export function openStage(root: string): Stage {
  mkdirSync(join(root, '.data'), { recursive: true });
  const folder = mkdtempSync(join(root, '.data', 'import-openapi-'));
  return {
    async put(files) {
      for (const [path, code] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), code);
      }
      const paths = [...files.keys()].map((path) => relative(root, join(folder, path)));
      if (paths.length > 0) {
        const { code, output } = await run(root, BIOME, ['format', '--write', ...FORMAT_OPTIONS, ...paths]);
        if (code !== 0) throw new Error(`Biome cannot format what was written: ${output}`);
      }
      return new Map([...files.keys()].map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
    },
    async complaints(paths) {
      if (paths.length === 0) return [];
      const settings = {
        extends: '../../tsconfig.json',
        // What a file imports from its neighbours is found in the project. What is not used is no endpoint's fault.
        compilerOptions: { incremental: false, rootDirs: ['.', '../..'], noUnusedLocals: false },
        files: paths,
        include: [],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
      const { code, output } = await run(root, TYPESCRIPT, ['--noEmit', '--pretty', 'false', '-p', folder]);
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

/** The stage is ignored by git, and its files may be larger than people write them. */
const FORMAT_OPTIONS = ['--vcs-enabled=false', '--files-max-size=67108864'];

async function run(root: string, [manifest, bin]: readonly [string, string], args: readonly string[]) {
  const program = join(dirname(createRequire(join(root, 'package.json')).resolve(manifest)), bin);
  const child = spawn(process.execPath, [program, ...args], { cwd: root });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, output: stdout + stderr };
}
