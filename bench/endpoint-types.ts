import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { z } from 'zod';

/**
 * Measures what endpoints cost the compiler and the editor: the time of a whole type check, and of a completion after
 * an edit, for 10, 100 and 500 endpoints beside as many procedures written out. `npm run bench:types`.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const CHECKS = 3;
const COMPLETIONS = 10;

/** How many endpoints, and how many of them in a router. */
const LAYOUTS = [
  { count: 10, perRouter: 10 },
  { count: 100, perRouter: 20 },
  { count: 500, perRouter: 20 },
  { count: 500, perRouter: 500 },
];

const SCHEMA = `const thing = z.object({ id: z.string(), name: z.string(), kind: z.enum(['a', 'b', 'c']), size: z.number(),
  tags: z.array(z.string()), owner: z.object({ id: z.string(), email: z.email() }).nullable(), updatedAt: z.iso.datetime() });`;

const STYLES = {
  endpoint: {
    imports: `import { endpoint } from '../endpoint';\nimport { router } from '../trpc';`,
    procedure: (n: number) =>
      `e${n}: endpoint('GET /things/{id}/part${n}', { input: z.object({ id: z.string(), limit: z.number().optional() }), output: z.array(thing) }),`,
  },
  procedure: {
    imports: `import { protectedProcedure, router } from '../trpc';`,
    procedure: (n: number) =>
      `e${n}: protectedProcedure.input(z.object({ id: z.string(), limit: z.number().optional() })).query(({ ctx, input: { id, ...query } }) => ctx.upstream.get('/things/{id}/part${n}', { params: { id }, query, output: z.array(thing) })),`,
  },
} as const;

const CLIENT = `import { createTRPCReact } from '@trpc/react-query';
import type { AppRouter } from './server/router';
const trpc = createTRPCReact<AppRouter>();
export const useThing = () => trpc.r0.e1.useQuery({ id: '1' }).data?.[0]?.owner?.email;
export const other = () => trpc.r0.
`;

const folders: string[] = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Copies the layer beside the original, so that it finds the same packages, with so many endpoints. */
function layerOf(style: keyof typeof STYLES, { count, perRouter }: (typeof LAYOUTS)[number]): string {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.data', 'bench-types-'));
  folders.push(folder);
  cpSync(join(ROOT, 'server'), join(folder, 'server'), { recursive: true });
  const { imports, procedure } = STYLES[style];
  const routers = Array.from({ length: Math.ceil(count / perRouter) }, (_, index) => `r${index}`);
  for (const [index, name] of routers.entries()) {
    const size = Math.min(perRouter, count - index * perRouter);
    const procedures = Array.from({ length: size }, (_, n) => procedure(n)).join('\n  ');
    const file = `import { z } from 'zod';\n${imports}\n${SCHEMA}\nexport const ${name} = router({\n  ${procedures}\n});\n`;
    writeFileSync(join(folder, `server/routers/${name}.ts`), file);
  }
  const lines = routers.map((name) => `export { ${name} } from './routers/${name}';\n`);
  appendFileSync(join(folder, 'server/routers.ts'), lines.join(''));
  writeFileSync(join(folder, 'client.ts'), CLIENT.replace(/^export const other.*\n/m, ''));
  const config = { extends: '../../tsconfig.json', include: ['**/*.ts'], exclude: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  return folder;
}

function checkMs(folder: string): number {
  const began = performance.now();
  const { status, stdout } = spawnSync(
    process.execPath,
    [TSC, '--noEmit', '--incremental', 'false', '-p', folder],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stdout);
  return performance.now() - began;
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

const spread = (times: readonly number[]) => {
  const sorted = times.toSorted((a, b) => a - b).map((time) => Math.round(time));
  return [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].join(' / ');
};

console.info(
  '| endpoints | in a router | written as | type check, ms min/median/max | first completion, ms | completion after an edit, ms min/median/max |',
);
console.info('| --- | --- | --- | --- | --- | --- |');
for (const layout of LAYOUTS) {
  for (const style of ['endpoint', 'procedure'] as const) {
    const folder = layerOf(style, layout);
    const checks = Array.from({ length: CHECKS }, () => checkMs(folder));
    const [first = 0, ...later] = await completionsMs(folder);
    console.info(
      `| ${layout.count} | ${layout.perRouter} | \`${style}\` | ${spread(checks)} | ${Math.round(first)} | ${spread(later)} |`,
    );
  }
}
