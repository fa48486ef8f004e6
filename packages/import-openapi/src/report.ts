import type { Imported } from './import.js';
import { isRefusal, type Outcome, type RouterFile } from './routers/write.js';

/** Returns the lines that say what an import did, what it left out and what is left to do. */
export function report({ files, operations, endpoints, leftOut, notes, server }: Imported): string[] {
  const refused = files.map(({ outcome }) => outcome).filter(isRefusal);
  return [
    ...[...leftOut].map(([label, reason]) => `${label} is left out: ${reason}.`),
    ...[...notes].flatMap(([label, list]) => list.map((note) => `${label}: ${note}.`)),
    ...files.map(
      (file) =>
        `${file.path}: ${file.endpoints} endpoint${file.endpoints === 1 ? '' : 's'}, ${file.outcome}.`,
    ),
    `${endpoints} of ${operations} operations became endpoints.`,
    ...(refused.length > 0 ? refusal(refused) : nextSteps(files, server)),
  ];
}

function refusal(outcomes: readonly Outcome[]): string[] {
  return [
    'Nothing was written.',
    ...(outcomes.includes('changed by hand')
      ? ['A file was changed since it was imported: --force drops those changes.']
      : []),
    ...(outcomes.includes('of another tag')
      ? [
          'A file was imported from another tag or description: import one --tag, and name its router with --as, or replace that file with --force.',
        ]
      : []),
    ...(outcomes.includes('not ours')
      ? ['A file of yours has that name: import one --tag, and name its router with --as.']
      : []),
  ];
}

/** Sorts as Biome sorts exports. */
const BY_MODULE = new Intl.Collator('en', { numeric: true });

function nextSteps(files: readonly RouterFile[], server: string | null): string[] {
  if (files.length === 0) return [];
  const names = files
    .map(({ key, path }) => ({ key, module: path.replace(/^server\/(.*)\.ts$/, './$1') }))
    .toSorted((a, b) => BY_MODULE.compare(a.module, b.module));
  return [
    'What stands in server/routers.ts can be called by every browser. To publish these endpoints, add there:',
    ...names.map(({ key, module }) => `  export { ${key}Router as ${key} } from '${module}';`),
    ...(server === null ? [] : [`UPSTREAM_URL stands for ${server}`]),
  ];
}
