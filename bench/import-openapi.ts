import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDocument } from '../packages/import-openapi/src/description/document';
import { importDescription } from '../packages/import-openapi/src/import';
import { report } from '../packages/import-openapi/src/report';
import { writeFiles } from '../packages/import-openapi/src/routers/write';
import { publish } from '../tests/support/publish';

/**
 * Imports whole descriptions of different origin into a copy of `server/`, and compiles it with every endpoint in the
 * map. `npm run bench:openapi` takes those that are npm packages, `npm run bench:openapi -- FILE…` others.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, '.data', 'descriptions');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

const PACKAGED: readonly (readonly [name: string, version: string, files: readonly string[]])[] = [
  ['@octokit/openapi', '23.0.2', ['generated/api.github.com.json']],
  [
    '@readme/oas-examples',
    '8.2.2',
    [
      '3.0/json/star-trek.json',
      '3.1/json/readme.json',
      '3.1/yaml/train-travel.yaml',
      '3.1/yaml/petstore.yaml',
    ],
  ],
];

/** Unpacks a package; nothing of it is installed or run. */
function unpacked(name: string, version: string): string {
  const folder = join(CACHE, `${name.replace('@', '').replace('/', '-')}-${version}`);
  if (existsSync(join(folder, 'package'))) return join(folder, 'package');
  mkdirSync(folder, { recursive: true });
  const pack = ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`];
  const { stdout, status } = spawnSync('npm', pack, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm has no ${name}@${version}.`);
  spawnSync('tar', ['xzf', join(folder, stdout.trim()), '-C', folder]);
  return join(folder, 'package');
}

function copyOfServer(): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.data', 'bench-'));
  cpSync(join(ROOT, 'server'), join(copy, 'server'), { recursive: true });
  const compilerOptions = { noEmit: true, incremental: false, types: ['node'] };
  const settings = {
    extends: '../../tsconfig.json',
    compilerOptions,
    include: ['server/**/*.ts'],
    exclude: [],
  };
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(settings));
  return copy;
}

const seconds = async <T>(run: () => T | Promise<T>): Promise<[seconds: string, result: T]> => {
  const began = performance.now();
  const result = await run();
  return [((performance.now() - began) / 1_000).toFixed(1), result];
};

function typeErrors(copy: string): number {
  const { stdout } = spawnSync(process.execPath, [TSC, '-p', copy], { encoding: 'utf8' });
  return stdout.match(/error TS\d+/g)?.length ?? 0;
}

function isLoaded(copy: string): boolean {
  const script = `await import(${JSON.stringify(join(copy, 'server/router.ts'))})`;
  const node = ['--import', 'tsx', '--input-type=module', '--eval', script];
  return spawnSync(process.execPath, node, { cwd: ROOT }).status === 0;
}

async function measure(file: string): Promise<void> {
  const copy = copyOfServer();
  try {
    const all = { tag: null, prefix: null, as: null };
    const [importing, imported] = await seconds(() => importDescription(copy, file, all, { force: false }));
    writeFiles(copy, imported.files);
    publish(
      join(copy, 'server/routers.ts'),
      report(imported).filter((line) => line.startsWith('  ')),
    );
    const [compiling, errors] = await seconds(() => typeErrors(copy));
    const [again] = await seconds(() => importDescription(copy, file, all, { force: false }));
    const { version } = await openDocument(file);
    const kilobytes = imported.files.reduce((sum, { text }) => sum + text.length, 0) / 1_024;
    console.log(
      `| ${[
        basename(file),
        version,
        imported.operations,
        imported.endpoints,
        imported.leftOut.size,
        errors,
        isLoaded(copy) ? 'yes' : 'NO',
        `${importing} / ${again}`,
        compiling,
        kilobytes.toFixed(0),
      ].join(' | ')} |`,
    );
    const reasons = new Map<string, number>();
    for (const reason of imported.leftOut.values()) {
      const kind = reason.replaceAll(/"[^"]*"|https?:\S+|#\S+/g, '…');
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
    }
    for (const [reason, count] of reasons) console.log(`    ${count} × ${reason}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const given = process.argv.slice(2);
const files =
  given.length > 0
    ? given
    : PACKAGED.flatMap(([name, version, paths]) => paths.map((path) => join(unpacked(name, version), path)));
const bare = copyOfServer();
const [compiling] = await seconds(() => typeErrors(bare));
rmSync(bare, { recursive: true, force: true });
console.log(`Without endpoints, server/ compiles in ${compiling} s.`);
console.log(
  '| description | OpenAPI | operations | endpoints | left out | type errors | loads | import, again (s) | type check (s) | KB |',
);
for (const file of files.filter((path) => statSync(path).isFile())) await measure(file);
