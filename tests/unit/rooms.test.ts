import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/environment';
import { syntaxOf } from '../support/syntax';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENGINE = 'packages/next-trpc-bff/src';

/** The rooms of the engine, from the top down: each knows those below it, and none beside it. */
const LEVELS: readonly (readonly string[])[] = [
  ['next'],
  ['rsc'],
  ['client', 'files'],
  ['procedures'],
  ['auth'],
  ['session', 'upstream'],
  ['http'],
  ['runtime'],
];

const MOST_FILES = 12;
const MOST_LINES = 220;
const MEDIAN_LINES = 70;

/** Words that the field has others for, and those. */
const WORDS: readonly (readonly [ours: string, theirs: string])[] = [
  ['Places take GiveBack NoPlace', 'Limiter, acquire, Release, QueueFull'],
  ['Patience giveUp waitFor end', 'Deadline, abort, race, dispose'],
  ['SharedAnswers Question asker forget', 'RequestDedupe, key, caller, clear'],
  [
    'Sent Outgoing Answer CallerOfUpstream',
    'UpstreamRequest, WireRequest, UpstreamResponse, UpstreamContext',
  ],
  ['exchange walk attempt sendRepeatedly', 'callWithToken, sendOnce, sendWithRetry'],
  ['letGo written shaped usual', 'discardBody, serializeBody, parseOutput, backoffMs'],
  ['Authorization sessionTokenIfAccepted', 'TokenSource, optionalSessionToken'],
  ['remembers rememberOnce', 'hasSeen, markSeen'],
  ['handle', 'session token'],
  ['stand say hear where', 'campaign, post, onMessage, locate'],
  ['departure watchDepartures', 'clientDisconnected, trackResponses'],
  ['lifetimeOf hold until', 'subscriptionLifetime, wrapStream'],
  ['QuietEnd watched', 'SilentClose, wrapStream'],
  ['logged tellingStale mapped putTogether', 'logCall, stale queries, errorOf, readUpload'],
  ['onlyOfTheDead', 'requireEndedSession'],
  ['endUnopened endUnlessRenewed', 'endByKey, endIfTokenVersion'],
  ['outranked storedSince flights', 'discardLateTokens, newerThan, inFlightRefreshes'],
  ['tidy outage arrived mended', 'sanitizeRequest, storeDownResponse'],
  ['assess blame present keeping', 'evaluate, endpointsAtLine, existingEndpoints, retainFields'],
  ['stage Inexpressible', 'tempProject, Unsupported'],
];

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));

const PACKAGES = [ENGINE, 'packages/import-openapi/src'];
const APPLICATION = [
  ...['app', 'bench', 'demo', 'packages/demo/src', 'server', 'trpc'].flatMap(sourcesIn),
  ...['auth.ts', 'instrumentation.ts', 'next.config.ts', 'proxy.ts'],
];
const linesOf = (file: string) => readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1;
const engine = sourcesIn(ENGINE);
const sources = [...PACKAGES.flatMap(sourcesIn), ...APPLICATION];
const tests = sourcesIn('tests');
const syntax = syntaxOf([...sources, ...tests].map((file) => join(ROOT, file)));
const syntaxIn = (file: string) => syntax.get(join(ROOT, file)) ?? { imports: [], declares: [] };

/** The first folder of a file of the engine; null for an entry, which stands above all rooms. */
const roomOf = (file: string) => /^([^/]+)\//.exec(relative(ENGINE, file))?.[1] ?? null;
const levelOf = (file: string) => {
  const room = roomOf(file);
  return room === null ? -1 : LEVELS.findIndex((level) => level.includes(room));
};

test('every folder of the engine is a room', () => {
  const rooms = new Set(engine.map(roomOf).filter((room) => room !== null));
  expect([...rooms].sort()).toEqual(LEVELS.flat().sort());
});

test('a room knows only those below it', () => {
  const upwards = engine.flatMap((file) =>
    syntaxIn(file)
      .imports.filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => join(dirname(file), specifier))
      .filter((other) => roomOf(file) !== roomOf(other) && levelOf(file) >= levelOf(other))
      .map((other) => `${relative(ENGINE, file)} knows ${relative(ENGINE, other)}`),
  );
  expect(upwards).toEqual([]);
});

test(`a folder has at most ${MOST_FILES} files of its own`, () => {
  const folders = PACKAGES.flatMap(sourcesIn).map(dirname);
  const crowded = [...new Set(folders)].filter(
    (folder) => folders.filter((other) => other === folder).length > MOST_FILES,
  );
  expect(crowded).toEqual([]);
});

test.each(PACKAGES)(`no file of %s is longer than ${MOST_LINES} lines`, (folder) => {
  const long = sourcesIn(folder).filter((file) => linesOf(file) > MOST_LINES);
  expect(long).toEqual([]);
});

test(`the median file of the engine has at most ${MEDIAN_LINES} lines`, () => {
  const lines = engine.map(linesOf).sort((one, other) => one - other);
  expect(lines[lines.length >> 1]).toBeLessThanOrEqual(MEDIAN_LINES);
});

test.each(WORDS)('nothing is called %s: the field says %s', (ours) => {
  const names = new Set(ours.split(' '));
  const declared = [...sources, ...tests].flatMap((file) =>
    syntaxIn(file)
      .declares.filter((name) => names.has(name))
      .map((name) => `${file} declares ${name}`),
  );
  expect(declared).toEqual([]);
});

test('what throws is called assert, and not expect', () => {
  const declared = sources.filter((file) =>
    syntaxIn(file).declares.some((name) => /^expect[A-Z]/.test(name)),
  );
  expect(declared).toEqual([]);
});

test('a name is declared by whatever may have one, and not by its use', () => {
  const file = join(temporaryFolder(), 'x.ts');
  writeFileSync(
    file,
    `import { a1, a2 as b1 } from 'x';
     const { c: b2, b3 } = a1, [b4] = b1;
     function b5(b6: number, { d: b7 }: { b8: 1 }) { return b2.e({ f: b3, b4 }); }
     class B9<B10> { #b11 = 1; b12() {} get b13() { return 1; } }
     type B14 = { b15: string; b16(): void };
     interface B17 {}
     export { b5 as b18 };`,
  );
  const declares = syntaxOf([file])
    .get(file)
    ?.declares.map((name) => name.toLowerCase());
  expect(new Set(declares)).toEqual(new Set(Array.from({ length: 18 }, (_, n) => `b${n + 1}`)));
});
