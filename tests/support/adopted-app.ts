import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What `create-next-app` makes today; pinned, so that a change of its defaults is noticed here on purpose. */
const CREATE_NEXT_APP = 'create-next-app@16.4.3';

const PNPM = 'pnpm@10.20.0';

/** An app that adopts the package as docs/adopting.md says, outside this repository. */
export interface AdoptedApp {
  readonly folder: string;
  /** Runs a program of the app, e.g. `run('next', 'build')`; returns what it printed, and throws that where it fails. */
  run(program: string, ...parameters: string[]): string;
  /** Deletes it. */
  remove(): void;
}

/** How the app is made. */
export interface AppKind {
  readonly packageManager: 'npm' | 'pnpm';
  /** Whether its code is below `src/`. */
  readonly inSrc: boolean;
}

/**
 * Makes a default app, installs the packed engine in it, writes the files of docs/adopting.md and makes its edits.
 */
export function adopt({ packageManager, inSrc }: AppKind): AdoptedApp {
  const parent = mkdtempSync(join(tmpdir(), 'bff-adopted-'));
  const folder = join(parent, 'theirs');
  const execute = (cwd: string, command: string, ...parameters: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, parameters, {
      cwd,
      encoding: 'utf8',
      env: environment(),
    });
    if (status !== 0) throw new Error(`${command} ${parameters.join(' ')} failed:\n${stdout}${stderr}`);
    return stdout + stderr;
  };

  execute(ROOT, 'npm', 'pack', '--silent', '--workspace', 'next-trpc-bff', '--pack-destination', parent);
  const options = ['--yes', `--use-${packageManager}`, '--skip-install', '--disable-git'];
  execute(
    parent,
    'npx',
    '--yes',
    CREATE_NEXT_APP,
    'theirs',
    ...options,
    inSrc ? '--src-dir' : '--no-src-dir',
  );
  const packages = [join('..', tarballName()), ...packagesOf('docs/adopting.md')];
  if (packageManager === 'npm') execute(folder, 'npm', 'install', '--no-audit', '--no-fund', ...packages);
  else execute(folder, 'npx', '--yes', PNPM, 'add', ...packages);
  writeDocumented('docs/adopting.md', folder, inSrc);
  return {
    folder,
    run: (program, ...parameters) =>
      execute(folder, join(folder, 'node_modules/.bin', program), ...parameters),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** Google's fonts are answered from here: the tests need no network. */
function environment(): NodeJS.ProcessEnv {
  const mocked = join(ROOT, 'tests/installed/fonts.cjs');
  return { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NEXT_FONT_GOOGLE_MOCKED_RESPONSES: mocked };
}

function tarballName(): string {
  const manifest = readFileSync(join(ROOT, 'packages/next-trpc-bff/package.json'), 'utf8');
  return `next-trpc-bff-${JSON.parse(manifest).version}.tgz`;
}

/** The packages that a document installs besides the tarball. */
function packagesOf(document: string): string[] {
  const [, names = ''] = /npm install \.\/next-trpc-bff-\S+\.tgz (.+)/.exec(read(document)) ?? [];
  if (names === '') throw new Error(`${document} installs nothing.`);
  return names.split(' ');
}

/** What stands at the top of a project, whether its code is below `src/` or not. */
const AT_THE_TOP: readonly string[] = ['next.config.ts', '.gitignore'];

/** Writes the files that a document prints, and makes the edits it shows as differences. */
function writeDocumented(document: string, folder: string, inSrc: boolean): void {
  const pathOf = (file: string) => join(folder, inSrc && !AT_THE_TOP.includes(file) ? 'src' : '', file);
  for (const [, kind, file = '', text = ''] of read(document).matchAll(
    /^```(tsx?|diff) file=(\S+)\n(.*?)\n```$/gms,
  )) {
    const path = pathOf(file);
    if (kind === 'diff') writeFileSync(path, edited(readFileSync(path, 'utf8'), text, file));
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${text}\n`);
    }
  }
}

/** Makes the edit of a difference, whose parts are divided by lines of `@@`. */
function edited(source: string, difference: string, file: string): string {
  return difference.split(/^@@\n/m).reduce((text, part) => {
    const lines = part.replace(/\n$/, '').split('\n');
    const linesOf = (marks: string) =>
      lines.filter((line) => marks.includes(line[0] ?? ' ')).map((line) => line.slice(1));
    const before = linesOf(' -').join('\n');
    const after = linesOf(' +').join('\n');
    if (before === '') return `${text.trimEnd()}\n${after}\n`;
    if (text.split(before).length !== 2) throw new Error(`${file} has no one place for this edit:\n${part}`);
    return text.replace(before, () => after);
  }, source);
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
