import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, copyOfApplication, lint, write } from '../support/documented-code';
import { importInto, publishAll, type Run } from '../support/importing';

const copy = copyOfApplication();
const zoo = importInto(copy, 'zoo.yaml');
const oldZoo = importInto(copy, 'zoo-old.json');
const routers = join(copy, 'server/routers');
const filesIn = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

/** Compiles only if inputs and answers are known to be exactly this. */
const TYPE_CHECK = `import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from './server/router';
type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Tree = Outputs['trees']['plant'];
type Cat = Extract<Outputs['animals']['get'], { kind: 'cat' | 'lion' }>;
export const same: [
  Same<Inputs['animals']['get'], { animalId: number }>,
  Same<Inputs['animals']['delete'], { animalId: number; ifMatch: string; reason: string }>,
  Same<Inputs['animals']['addPhoto'], FormData>,
  Same<Inputs['keepers']['keepers']['names'], string[]>,
  [Outputs['animals']['replace']] extends [void] ? true : false,
  Same<NonNullable<NonNullable<Tree['children']>[number]['parent']>['leaf']['green'], boolean>,
  Same<Cat['lives'], number | undefined>,
  Same<'id' extends keyof Extract<Inputs['animals']['create']['body'], { kind: 'cat' | 'lion' }> ? 1 : 2, 2>,
  Same<NonNullable<Outputs['pets']['getPet']['owner']>['name'], string | undefined>,
] = [true, true, true, true, true, true, true, true, true];
// @ts-expect-error An id is a number here.
export const wrong: Same<Inputs['animals']['get'], { animalId: string }> = true;
`;

test('A5 imported routers compile with the application, typed end to end', () => {
  publishAll(copy, zoo);
  publishAll(copy, oldZoo);
  write(join(copy, 'check.ts'), TYPE_CHECK);
  expect(compile(copy)).toBe('');
});

test('A5 imported routers pass the linter', () => {
  expect(lint(copy)).toMatch(/^Checked \d+ files in .*\. No fixes applied\.$/m);
});

test('A5 an operation that cannot be imported is left out, with a line that says why', () => {
  const { status, lines } = importInto(copy, 'left-out.yaml');
  expect(status).toBe(0);
  expect(lines.slice(0, -3)).toEqual([
    'GET /csv is left out: it answers text/csv, not JSON.',
    'GET /events is left out: it answers text/event-stream: events are a subscription.',
    'GET /moved is left out: it answers with a redirect.',
    'POST /xml is left out: it takes application/xml.',
    'OPTIONS /options is left out: OPTIONS is not called.',
    'GET /matrix/{m} is left out: its path parameter "m": the style "matrix".',
    'GET /cookie is left out: its cookie parameter "c": cookies are never sent.',
    'GET /elsewhere is left out: its server is https://other.example, not https://eu.zoo.example/v1.',
    'GET /body is left out: it takes a body.',
    'GET /missing is left out: it refers to #/components/responses/None, which does not exist.',
    'GET /deeper is left out: it refers to #/components/schemas/Nowhere, which does not exist.',
    'GET /remote is left out: it refers to https://zoo.example/parts.json#/X, which is not fetched: bundle the description first.',
    'GET /loop is left out: an allOf leads back to itself.',
    'GET /anchor is left out: it refers to the anchor #here; only paths are understood.',
    "GET /uncompilable is left out: its code does not compile: TS2456: Type alias 'Self' circularly references itself.",
    'GET /query?x=1 is left out: its path is more than a path.',
    'server/routers/self.ts: 1 endpoint, written.',
    '1 of 17 operations became endpoints.',
  ]);
  expect(filesIn(routers)['self.ts']).toContain("good: endpoint('GET /good'");
});

test('A5 parameters that are not sent and rules that are not checked have a line each', () => {
  expect(zoo.status).toBe(0);
  expect(zoo.lines.filter((line) => !/^(server|UPSTREAM|What| )/.test(line))).toEqual([
    'GET /animals/{animal-id}/photo is left out: it answers image/png: a download is a route handler.',
    'GET /animals: the header "X-Forwarded-For" is left out: an input may not set it.',
    'GET /animals: the query parameter "deep" is left out: more than an object of words in the style "form", explode true.',
    'GET /animals: the cookie parameter "session" is left out: cookies are never sent.',
    ...['GET', 'PUT'].flatMap((method) => [
      ...(method === 'PUT' ? ['PUT /odd: its answer is not described, so it is not handed on.'] : []),
      `${method} /odd: the field "constructor" is left out.`,
      `${method} /odd: "not" is not checked.`,
      `${method} /odd: the field "__proto__" is left out.`,
      `${method} /odd: which fields go together, by "anyOf", is not checked.`,
    ]),
    '19 of 20 operations became endpoints.',
  ]);
  expect(zoo.lines.at(-1)).toBe('UPSTREAM_URL stands for https://eu.zoo.example/v1');
  expect(oldZoo.lines).toContain('3 of 3 operations became endpoints.');
});

test('A5 endpoints have the names and summaries of their operations, and are marked where these are deprecated', () => {
  const { 'animals.ts': animals, 'tickets.ts': tickets, 'odd-things.ts': odd } = filesIn(routers);
  expect([...(animals ?? '').matchAll(/^ {2}(\w+): endpoint/gm)].map(([, name]) => name)).toEqual(
    'listAll create get headAnimalsAnimalId replace patch delete addPhoto putPhoto'.split(' '),
  );
  expect(animals).toContain('  /** Lists animals. *\\/ `${' + 'none}` */\n');
  expect(animals).toContain('   * One animal.\n   *\n   * @deprecated');
  expect(tickets).toContain("  then_: endpoint('POST /tickets'");
  expect(odd).toContain("  n2OddNames: endpoint('GET /odd'");
});

describe('A5 an import', () => {
  let files: Record<string, string>;
  beforeAll(() => {
    files = filesIn(routers);
  });

  test('writes the same bytes again', () => {
    const again = importInto(copy, 'zoo.yaml');
    expect(again.lines.filter((line) => line.startsWith('server/'))).toContain(
      'server/routers/animals.ts: 9 endpoints, unchanged.',
    );
    expect(filesIn(routers)).toEqual(files);
  });

  test('replaces a file that was changed by hand only with --force', () => {
    const file = join(routers, 'trees.ts');
    const mine = files['trees.ts']?.replace('plant:', 'plantTree:') ?? '';
    writeFileSync(file, mine);
    const refused = importInto(copy, 'zoo.yaml');
    expect(refused.status).toBe(1);
    expect(refused.lines).toContain('server/routers/trees.ts: 2 endpoints, changed by hand.');
    expect(refused.lines).toContain('Nothing was written.');
    expect(filesIn(routers)).toEqual({ ...files, 'trees.ts': mine });
    expect(importInto(copy, 'zoo.yaml', '--tag', 'trees', '--force').status).toBe(0);
    expect(filesIn(routers)).toEqual(files);
  });

  test('never replaces a file that it did not write; --as gives the router another name', () => {
    writeFileSync(join(routers, 'trees.ts'), 'export {};\n');
    const refused = importInto(copy, 'zoo.yaml', '--tag', 'trees', '--force');
    expect([
      refused.status,
      refused.lines.includes('server/routers/trees.ts: 2 endpoints, not ours.'),
    ]).toEqual([1, true]);
    const named = importInto(copy, 'zoo.yaml', '--tag', 'trees', '--as', 'big plants');
    expect(named.lines).toContain("  export { bigPlantsRouter as bigPlants } from './routers/big-plants';");
    const { 'trees.ts': foreign, 'big-plants.ts': renamed } = filesIn(routers);
    expect(foreign).toBe('export {};\n');
    expect(renamed?.split('\n').slice(1).join('\n')).toBe(
      files['trees.ts']?.split('\n').slice(1).join('\n').replace('treesRouter', 'bigPlantsRouter'),
    );
  });

  test('replaces a router of another tag or description only with --force', () => {
    const other = importInto(copy, 'zoo.yaml', '--tag', 'tickets', '--as', 'animals');
    expect([other.status, other.lines]).toEqual([
      1,
      expect.arrayContaining([
        expect.stringMatching(/^server\/routers\/animals\.ts: \d+ endpoints, of another tag\.$/),
        'Nothing was written.',
        expect.stringContaining('imported from another tag or description'),
      ]),
    ]);
    expect(filesIn(routers)['animals.ts']).toBe(files['animals.ts']);
    expect(importInto(copy, 'zoo.yaml', '--tag', 'tickets', '--as', 'animals', '--force').status).toBe(0);
    expect(importInto(copy, 'zoo.yaml', '--tag', 'animals', '--force').status).toBe(0);
    expect(filesIn(routers)['animals.ts']).toBe(files['animals.ts']);
  });

  test('imports one tag, or the operations below a path', () => {
    const writtenBy = ({ lines }: Run) => lines.filter((line) => line.startsWith('server/'));
    expect(writtenBy(importInto(copy, 'zoo.yaml', '--tag', 'admin'))).toEqual([
      'server/routers/admin.ts: 1 endpoint, unchanged.',
    ]);
    expect(writtenBy(importInto(copy, 'zoo.yaml', '--prefix', '/tickets'))).toEqual([
      'server/routers/tickets.ts: 2 endpoints, unchanged.',
    ]);
    const nothing = importInto(copy, 'zoo.yaml', '--prefix', '/tick');
    expect([nothing.status, nothing.lines]).toEqual([1, ['0 of 0 operations became endpoints.']]);
  });

  test('names the description that it cannot read', () => {
    expect(importInto(copy, 'none.yaml').lines.join()).toContain('none.yaml');
    expect(importInto(copy, 'zoo-parts.yaml').lines.join()).toContain('is no OpenAPI 3 description');
    expect([
      importInto(copy, 'zoo.yaml', '--tags', 'x').status,
      importInto(copy, 'zoo.yaml', 'x').status,
    ]).toEqual([2, 2]);
  });
});
