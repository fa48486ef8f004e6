import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { compile, ROOT, snippetsOf, write } from '../support/documented-code';

const DOCUMENT = 'docs/adopting.md';
const text = readFileSync(join(ROOT, DOCUMENT), 'utf8');
const files = snippetsOf(DOCUMENT).filter(({ kind }) => kind === 'file');

const manifestOf = (path: string) =>
  z
    .object({
      version: z.string(),
      dependencies: z.record(z.string(), z.string()),
      peerDependencies: z.record(z.string(), z.string()).default({}),
    })
    .parse(JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')));

test('A20 the files that an adopter writes are at most 18, with 150 lines together', () => {
  const lines = files.flatMap(({ text: file }) => file.split('\n'));
  expect(files.length).toBeLessThanOrEqual(18);
  expect(lines.length).toBeLessThanOrEqual(150);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  expect(readme).toContain(`${files.length} thin files, ${lines.length} lines together`);
});

test('A20 the files that an adopter writes compile by themselves, against the built package', () => {
  mkdirSync(join(ROOT, '.data'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.data', 'adopter-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  for (const { path, text: file } of files) write(join(folder, path), `${file}\n`);
  cpSync(join(ROOT, 'next.config.ts'), join(folder, 'next.config.ts'));
  const compilerOptions = { paths: { '@/*': ['./*'] }, noEmit: true, incremental: false };
  const include = ['**/*.ts', '**/*.tsx', '../../next-env.d.ts'];
  const configuration = { extends: '../../tsconfig.json', compilerOptions, include, exclude: [] };
  write(join(folder, 'tsconfig.json'), JSON.stringify(configuration));
  expect(compile(folder)).toBe('');
});

test('A20 an adopter installs the versions that are tested here, every peer that the app imports among them', () => {
  const { dependencies } = manifestOf('.');
  const { version, peerDependencies } = manifestOf('packages/next-trpc-bff');
  const command = /^npm install (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  expect(command[0]).toBe(`./next-trpc-bff-${version}.tgz`);
  const installed = Object.fromEntries(
    command.slice(1).map((item) => [item.replace(/@[^@]*$/, ''), item.replace(/.*@/, '')]),
  );
  const brought = Object.keys(peerDependencies).filter((name) => name !== 'next' && name !== 'react');
  expect(Object.keys(installed).sort()).toEqual(brought.sort());
  for (const [name, wanted] of Object.entries(installed))
    expect([name, dependencies[name]]).toEqual([name, wanted]);
});
