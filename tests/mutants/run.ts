import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Applies each patch of this folder, one guard less, to a copy of the project and runs the tests that should
 * notice. A mutant whose tests stay green fails the run: then that guard is not tested.
 *
 * A patch begins with two lines: `Guard: …` (what it removes) and `Tests: unit|integration|e2e FILE [-t NAME]`.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEFT_OUT = new Set(['node_modules', '.next', '.git', '.data', 'test-results']);
const withoutE2E = process.argv.includes('--without-e2e');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

interface Mutant {
  readonly name: string;
  readonly patch: string;
  readonly guard: string;
  readonly kind: string;
  readonly file: string;
  readonly title: string | undefined;
}

function readMutant(name: string): Mutant {
  const patch = join(ROOT, 'tests/mutants', name);
  const text = readFileSync(patch, 'utf8');
  const guard = /^Guard: (.+)$/m.exec(text)?.[1];
  const [, kind, file, title] = /^Tests: (unit|integration|e2e) (\S+)(?: -t (.+))?$/m.exec(text) ?? [];
  if (!guard || !kind || !file) throw new Error(`${name} does not begin with its Guard and Tests lines.`);
  return { name, patch, guard, kind, file, title };
}

/** Runs a command in the copy; null when it succeeded, else what it printed. */
function failureOf(cwd: string, ...command: string[]): string | null {
  const env = { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, encoding: 'utf8', env });
  return status === 0 ? null : stdout + stderr;
}

function runTests(copy: string, { kind, file, title }: Mutant): string | null {
  if (kind !== 'e2e') {
    return failureOf(
      copy,
      'node_modules/vitest/vitest.mjs',
      'run',
      '--bail',
      '1',
      '--project',
      kind,
      file,
      ...(title ? ['-t', title] : []),
    );
  }
  const broken = failureOf(copy, 'node_modules/next/dist/bin/next', 'build');
  if (broken !== null) throw new Error(`A mutant must build.\n${broken}`);
  return failureOf(
    copy,
    'node_modules/@playwright/test/cli.js',
    'test',
    '-c',
    'tests/e2e',
    '-x',
    file,
    ...(title ? ['-g', title] : []),
  );
}

/** True when the tests fail with the patch; a patch that does not apply, or tests that fail without it, are no evidence. */
function isNoticed(mutant: Mutant): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'bff-mutant-'));
  try {
    cpSync(ROOT, copy, {
      recursive: true,
      filter: (source) => source === ROOT || !LEFT_OUT.has(basename(source)),
    });
    if (mutant.kind === 'e2e')
      cpSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), {
        recursive: true,
        verbatimSymlinks: true,
      });
    else symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const applied = spawnSync('git', ['apply', '--unidiff-zero', mutant.patch], {
      cwd: copy,
      encoding: 'utf8',
    });
    if (applied.status !== 0)
      throw new Error(`${mutant.name} does not apply: renew the patch.\n${applied.stderr}`);
    const failure = runTests(copy, mutant);
    if (failure !== null && !/\d+ failed/.test(failure))
      throw new Error(`${mutant.name}: the tests did not run.\n${failure}`);
    return failure !== null;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const mutants = readdirSync(join(ROOT, 'tests/mutants'))
  .filter((name) => name.endsWith('.patch'))
  .map(readMutant)
  .filter(
    ({ kind, name }) =>
      (!withoutE2E || kind !== 'e2e') && (chosen.length === 0 || chosen.some((word) => name.includes(word))),
  );

let survivors = 0;
for (const mutant of mutants) {
  const noticed = isNoticed(mutant);
  if (!noticed) survivors += 1;
  console.log(
    `${noticed ? 'noticed ' : 'SURVIVED'}  ${mutant.name}: ${mutant.guard} (${mutant.kind} ${mutant.file})`,
  );
}
console.log(`Mutants: ${mutants.length - survivors} passed, ${survivors} failed`);
process.exit(survivors === 0 && mutants.length > 0 ? 0 : 1);
