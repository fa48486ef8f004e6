import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StreamMessageReader } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import { adopt } from '../tests/support/adopted-app';
import { CLIENT, type Layout, writeEndpoints } from './endpoint-files';
import { type Cost, spread, typeCheck } from './type-check';

/**
 * Measures what the engine costs an adopter's compiler and editor, those of a default new app: installed as a package,
 * and with its source copied into the app. In turns, for a fresh app and for one with 100 endpoints, beside the same
 * app without the engine. `npm run bench:types`.
 */
const ENGINE = fileURLToPath(new URL('../packages/next-trpc-bff/src', import.meta.url));
const ROUNDS = 5;
const COMPLETIONS = 10;
const HUNDRED: Layout = { count: 100, perRouter: 20 };

const WAYS = ['bare', 'package', 'copied'] as const;
type Way = (typeof WAYS)[number];

const app = adopt({ packageManager: 'npm', inSrc: false });
process.on('exit', () => app.remove());
app.run('next', 'typegen');

/** Copies the app with so many endpoints; the packages stay those of the original. */
function copyOfApp(way: Way, endpoints: number): string {
  const folder = join(app.folder, '..', `${way}-${endpoints}`);
  cpSync(app.folder, folder, { recursive: true, filter: (path) => !/\/node_modules$/.test(path) });
  symlinkSync(join(app.folder, 'node_modules'), join(folder, 'node_modules'));
  if (way === 'copied') copyEngineInto(folder);
  if (way === 'bare')
    configure(folder, (config) => ({ ...config, include: ['next-env.d.ts', 'app/page.tsx'] }));
  mkdirSync(join(folder, 'server/routers'));
  if (endpoints > 0) writeEndpoints(folder, 'endpoint', HUNDRED);
  return folder;
}

/** Copies the engine's source into an app, with the settings that it needs to compile there. */
function copyEngineInto(folder: string): void {
  cpSync(ENGINE, join(folder, 'engine'), { recursive: true });
  configure(folder, ({ compilerOptions, ...rest }) => {
    const settings = {
      target: 'ES2022',
      lib: [...compilerOptions.lib, 'dom.asynciterable'],
      paths: { ...compilerOptions.paths, 'next-trpc-bff/*': ['./engine/*'] },
    };
    return { ...rest, compilerOptions: { ...compilerOptions, ...settings } };
  });
}

const tsconfig = z.looseObject({
  compilerOptions: z.looseObject({ lib: z.array(z.string()), paths: z.record(z.string(), z.unknown()) }),
});

/** Changes an app's tsconfig.json. */
function configure(folder: string, change: (config: Tsconfig) => object): void {
  const file = join(folder, 'tsconfig.json');
  const config = tsconfig.parse(JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(file, JSON.stringify(change(config)));
}

type Tsconfig = z.output<typeof tsconfig>;

const answer = z.looseObject({
  command: z.literal('completionInfo'),
  body: z.object({ entries: z.array(z.object({ name: z.string() })) }),
});

/**
 * Asks the editor's language server for what follows `trpc.r0.`, each time after an edit.
 *
 * @see https://github.com/microsoft/TypeScript/wiki/Standalone-Server-(tsserver)
 */
async function completionsMs(folder: string): Promise<number[]> {
  const program = join(app.folder, 'node_modules/typescript/lib/tsserver.js');
  const server = spawn(process.execPath, [program, '--disableAutomaticTypingAcquisition'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const closed = once(server, 'close');
  let onAnswer = (_: z.output<typeof answer>) => {};
  new StreamMessageReader(server.stdout).listen((message) => {
    const parsed = answer.safeParse(message);
    if (parsed.success) onAnswer(parsed.data);
  });
  let seq = 0;
  const send = (command: string, parameters: object) => {
    seq += 1;
    server.stdin.write(`${JSON.stringify({ seq, type: 'request', command, arguments: parameters })}\n`);
  };
  const file = join(folder, 'client.ts');
  const lines = CLIENT.split('\n');
  const times: number[] = [];
  send('open', { file, fileContent: CLIENT });
  for (let version = 1; version <= COMPLETIONS; version += 1) {
    send('change', { file, line: 1, offset: 1, endLine: 1, endOffset: 1, insertString: `// ${version}\n` });
    const began = performance.now();
    const { body } = await new Promise<z.output<typeof answer>>((resolve) => {
      onAnswer = resolve;
      const line = lines.length - 1 + version;
      send('completionInfo', { file, line, offset: (lines.at(-2)?.length ?? 0) + 1 });
    });
    times.push(performance.now() - began);
    if (!body.entries.some(({ name }) => name === 'e9')) throw new Error('The endpoints were not offered.');
  }
  server.kill();
  await closed;
  return times;
}

type Round = Readonly<Record<Way, number>>;

/** Measures all ways in turns, in each round in the reverse order of the one before. */
async function inRounds<T>(
  ways: readonly Way[],
  measure: (way: Way) => T | Promise<T>,
): Promise<Map<Way, T>[]> {
  const rounds: Map<Way, T>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const results = new Map<Way, T>();
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) results.set(way, await measure(way));
    rounds.push(results);
  }
  return rounds;
}

const tableRow = (...cells: readonly string[]) => console.info(`| ${cells.join(' | ')} |`);

function print(what: string, rounds: readonly Round[], ratios: readonly ((round: Round) => number)[]): void {
  const times = WAYS.map((way) => spread(rounds.map((round) => round[way])).replaceAll('NaN', '–'));
  tableRow(what, ...times, ...ratios.map((ratio) => spread(rounds.map(ratio), 2)));
}

const ratio = (round: Round) => round.package / round.copied;
const ratioOfAdded = (round: Round) => (round.package - round.bare) / (round.copied - round.bare);

const tsc = join(app.folder, 'node_modules/typescript/bin/tsc');
console.info(app.run('tsc', '--version').trim());
tableRow(
  `${ROUNDS} rounds, min / median / max`,
  ...WAYS.map((way) => `${way}, ms`),
  'package / copied',
  'the same of what each adds to bare',
);
tableRow(...Array.from({ length: 6 }, () => '---'));
for (const endpoints of [0, HUNDRED.count]) {
  const folders = new Map(WAYS.map((way) => [way, copyOfApp(way, endpoints)]));
  const folderOf = (way: Way) => folders.get(way) ?? '';
  const rounds = await inRounds(WAYS, (way): Cost => typeCheck(tsc, folderOf(way)));
  for (const kind of ['elapsed', 'cpu'] as const) {
    const of = (costs: ReadonlyMap<Way, Cost>, way: Way) => costs.get(way)?.[kind] ?? Number.NaN;
    const times = rounds.map((costs) => ({
      bare: of(costs, 'bare'),
      package: of(costs, 'package'),
      copied: of(costs, 'copied'),
    }));
    print(`type check of ${endpoints} endpoints, ${kind}`, times, [ratio, ratioOfAdded]);
  }
}
const folders = new Map(WAYS.map((way) => [way, join(app.folder, '..', `${way}-${HUNDRED.count}`)]));
const completions = await inRounds(['package', 'copied'], (way) => completionsMs(folders.get(way) ?? ''));
const at = (n: number) =>
  completions.map((times) => ({
    bare: Number.NaN,
    package: times.get('package')?.[n] ?? Number.NaN,
    copied: times.get('copied')?.[n] ?? Number.NaN,
  }));
print(`first completion among ${HUNDRED.count} endpoints`, at(0), [ratio]);
const edits = Array.from({ length: COMPLETIONS - 1 }, (_, n) => at(n + 1)).flat();
print('completion after an edit', edits, [ratio]);
