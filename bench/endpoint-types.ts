import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import { CLIENT, type Layout, type Style, writeEndpoints } from './endpoint-files';
import { spread, typeCheck } from './type-check';

/**
 * Measures what endpoints cost the compiler and the editor: the time of a whole type check, and of a completion after
 * an edit, for 10, 100 and 500 endpoints beside as many procedures written out. The engine is the built package, as an
 * application has it. `npm run bench:types`.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const CHECKS = 3;
const COMPLETIONS = 10;

const LAYOUTS: readonly Layout[] = [
  { count: 10, perRouter: 10 },
  { count: 100, perRouter: 20 },
  { count: 500, perRouter: 20 },
  { count: 500, perRouter: 500 },
];

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Copies the application's `server/` beside the original, so that it finds the same packages, and adds endpoints. */
function layerOf(style: Style, layout: Layout): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.data', 'bench-types-'));
  folders.push(folder);
  cpSync(join(ROOT, 'server'), join(folder, 'server'), { recursive: true });
  writeEndpoints(folder, style, layout);
  const config = { extends: '../../tsconfig.json', include: ['**/*.ts'], exclude: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return folder;
}

const completion = z.object({ items: z.array(z.object({ label: z.string() })) });

/** Asks the language server for what follows `trpc.r0.`, each time after an edit. */
async function completionsMs(folder: string): Promise<number[]> {
  const server = spawn(process.execPath, [TSC, '--lsp', '--stdio'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/configuration', () => [null, null, null, null]);
  connection.listen();
  const rootUri = String(pathToFileURL(folder));
  const uri = String(pathToFileURL(join(folder, 'client.ts')));
  await connection.sendRequest('initialize', { processId: process.pid, rootUri, capabilities: {} });
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'typescript', version: 0, text: CLIENT },
  });
  const times: number[] = [];
  for (let version = 1; version <= COMPLETIONS; version += 1) {
    const text = `// ${version}\n${CLIENT}`;
    await connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
    const lines = text.split('\n');
    const position = { line: lines.length - 2, character: lines.at(-2)?.length ?? 0 };
    const began = performance.now();
    const answer = await connection.sendRequest('textDocument/completion', {
      textDocument: { uri },
      position,
    });
    times.push(performance.now() - began);
    const { items } = completion.parse(answer);
    if (!items.some(({ label }) => label === 'e9')) throw new Error('The endpoints were not offered.');
  }
  connection.dispose();
  server.kill();
  return times;
}

console.info(
  '| endpoints | in a router | written as | type check, ms min/median/max | first completion, ms | completion after an edit, ms min/median/max |',
);
console.info('| --- | --- | --- | --- | --- | --- |');
for (const layout of LAYOUTS) {
  for (const style of ['endpoint', 'procedure'] as const) {
    const folder = layerOf(style, layout);
    const checks = Array.from({ length: CHECKS }, () => typeCheck(TSC, folder).elapsed);
    const [first = 0, ...later] = await completionsMs(folder);
    console.info(
      `| ${layout.count} | ${layout.perRouter} | \`${style}\` | ${spread(checks)} | ${Math.round(first)} | ${spread(later)} |`,
    );
  }
}
