import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { applied } from './apply';
import { sourcesOf } from './sources';
import { mutants } from './table';
import { hasFailingTest } from './test-run';
import { WorkingCopy } from './working-copy';

/**
 * Makes each mutant of the table, the project with one guard less, and runs the tests that should notice. A mutant
 * whose tests stay green fails the run: then that guard is not tested.
 *
 * `npm run mutants -- [--without-e2e] [WORD…]` tries only those with one of the words in their name.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Vitest waits half of its time; Playwright has two workers of its own. */
const COPIES = Math.min(availableParallelism(), 4);

const withoutE2E = process.argv.includes('--without-e2e');
const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const sources = sourcesOf(ROOT);
const chosen = mutants
  .filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  .filter(({ tests }) => !withoutE2E || tests.kind !== 'e2e')
  .map((mutant) => ({ ...mutant, changed: applied(mutant, sources) }));
type Chosen = (typeof chosen)[number];

let passed = 0;

async function tryOut({ name, guard, tests, changed }: Chosen, copy: WorkingCopy): Promise<void> {
  copy.write(changed);
  let verdict = 'noticed ';
  try {
    if (await hasFailingTest(copy.folder, tests)) passed += 1;
    else verdict = 'SURVIVED';
  } catch (error) {
    console.error(error);
    verdict = 'NO TESTS';
  }
  copy.write(new Map([...changed.keys()].map((path) => [path, sources.get(path) ?? ''])));
  console.log(`${verdict}  ${name}: ${guard} (${tests.kind} ${tests.file})`);
}

async function tryAll(queue: Chosen[], copies: readonly WorkingCopy[]): Promise<void> {
  const waiting = queue.values();
  await Promise.all(
    copies.map(async (copy) => {
      for (const mutant of waiting) await tryOut(mutant, copy);
    }),
  );
}

process.once('SIGINT', () => process.exit(130));
const copies = Array.from({ length: COPIES }, () => new WorkingCopy(ROOT));
const isBuilt = ({ tests }: Chosen) => tests.kind === 'e2e';
await tryAll(
  chosen.filter((mutant) => !isBuilt(mutant)),
  copies,
);
await tryAll(chosen.filter(isBuilt), copies.slice(0, 1));
console.log(`Mutants: ${passed} passed, ${chosen.length - passed} failed`);
process.exit(passed === chosen.length && chosen.length > 0 ? 0 : 1);
