import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { applied } from '../mutants/apply';
import type { Edit } from '../mutants/mutant';
import { sourcesOf } from '../mutants/sources';
import { mutants } from '../mutants/table';

const sources = sourcesOf(fileURLToPath(new URL('../..', import.meta.url)));

const mutant = (...edits: Edit[]) => ({
  name: 'no-guard',
  guard: 'nothing',
  tests: { kind: 'unit' as const, file: 'mutants.test.ts' },
  edits,
});

/** Applies an edit to one file. */
const edited = (text: string, ...edits: Edit[]) =>
  applied(mutant(...edits), new Map([['server/x.ts', text]])).get('server/x.ts');

test('there are as many mutants as there were, and each has a name of its own', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(66);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

test('the tests that mutants name exist', () => {
  const files = mutants.map(({ tests: { kind, file } }) => `${kind}/${file}`);
  expect(files.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
});

test.each(mutants)('the mutant $name finds its guard once, and uses names of that file only', (stored) => {
  const changed = applied(stored, sources);
  const literals = ['true', 'false', 'null'];
  const known = new Set([...changed.keys()].flatMap((path) => sources.get(path)?.match(/[\w$]+/g) ?? []));
  // Neither in a string or a regular expression, nor a property.
  const code = stored.edits.map(({ replace }) => replace.replace(/'[^'\n]*'|\/\S+\//g, '')).join('\n');
  const used = code.match(/(?<![\w$.])[a-z_$][\w$]*/gi) ?? [];
  const unknown = used.filter(
    (name) => !known.has(name) && !literals.includes(name) && !(name in globalThis),
  );
  expect(unknown).toEqual([]);
});

test('a mutant finds its text however it is broken into lines', () => {
  const [find, replace] = ['if (lost(a, { b: 1 })) return null;', ''];
  expect(edited('x;\nif (\n  lost(a, {\n    b: 1,\n  })\n)\n  return null;\ny;', { find, replace })).toBe(
    'x;\n\ny;',
  );
  expect(edited('if(lost(a,{b:1})) return null;', { find, replace })).toBe('');
});

test('a mutant finds whole words', () => {
  expect(edited('unopened; open; opened; open$', { find: 'open;', replace: 'shut;' })).toBe(
    'unopened; shut; opened; open$',
  );
});

test('a mutant makes several edits', () => {
  expect(edited('a(1); b(2);', { find: 'b(2)', replace: 'c(3)' }, { find: 'a(1)', replace: '' })).toBe(
    '; c(3);',
  );
});

test('a mutant whose text is nowhere, or in several places, is refused by name and places', () => {
  expect(() => edited('open();', { find: 'shut()', replace: '' })).toThrow(
    /mutant no-guard .* nowhere:\nshut\(\)/,
  );
  expect(() => edited('open();\nopen();', { find: 'open()', replace: '' })).toThrow(
    /mutant no-guard .* server\/x\.ts:1, server\/x\.ts:2:/,
  );
});
