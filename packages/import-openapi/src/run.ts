#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { importDescription } from './import.js';
import { report } from './report.js';
import { isRefusal, writeFiles } from './routers/write.js';

const USAGE = `import-openapi FILE [--tag TAG] [--prefix PATH] [--as NAME] [--force]

Writes a router of endpoints for each tag of an OpenAPI description (3.0 or 3.1, JSON or YAML) to server/routers/.

  --tag TAG      only the operations of this tag
  --prefix PATH  only the operations whose path begins so, e.g. /notes
  --as NAME      with --tag: names the router so, instead of by its tag
  --force        overwrites imported files that are from another tag or were changed since`;

function usageError(message: string): never {
  console.error(`${message}\n\n${USAGE}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        tag: { type: 'string' },
        prefix: { type: 'string' },
        as: { type: 'string' },
        force: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return usageError(error instanceof Error ? error.message : String(error));
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const [file, ...others] = positionals;
if (file === undefined || others.length > 0) usageError('It takes one description.');
if (values.as !== undefined && values.tag === undefined) usageError('--as needs a --tag.');

const root = process.cwd();
const selection = { tag: values.tag ?? null, prefix: values.prefix ?? null, as: values.as ?? null };
const imported = await importDescription(root, file, selection, values).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
writeFiles(root, imported.files);
console.log(report(imported).join('\n'));
const isRefused = imported.files.some(({ outcome }) => isRefusal(outcome));
process.exitCode = isRefused || imported.files.length === 0 ? 1 : 0;
