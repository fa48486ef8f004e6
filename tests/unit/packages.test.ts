import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/environment';
import { packagesImportedBy } from '../support/imports';
import {
  INSTALL_SCRIPTS,
  LOCKED,
  type Locked,
  MANIFESTS,
  type Manifest,
  ownerOf,
  resolvedFrom,
  SOURCES,
} from '../support/packages';

/** What is no part of a running application. */
const DEVELOPMENT = /^(?:bench|demo|tests|tools)\/|^vitest\.config\.ts$/;

const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;

const declared = ({ dependencies, devDependencies }: Manifest) =>
  Object.entries({ ...dependencies, ...devDependencies });
const asked = (of: Manifest | undefined) => [
  of?.dependencies,
  of?.devDependencies,
  of?.optionalDependencies,
  of?.peerDependencies,
  of?.engines,
  of?.license,
];
const manifests = [...MANIFESTS];
const locked = [...LOCKED];

const needed = ({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Locked) => [
  ...Object.keys({ ...dependencies, ...optionalDependencies }),
  ...Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional),
];

test('every import is declared by the package.json that owns the file', () => {
  const imports = packagesImportedBy(SOURCES);
  expect(new Set([...imports.values()].flatMap((names) => [...names])).size).toBeGreaterThan(25);
  const undeclared = [...imports].flatMap(([file, names]) => {
    const { folder, path } = ownerOf(file);
    const { dependencies, devDependencies, peerDependencies } = MANIFESTS.get(folder) ?? {};
    const known = { ...dependencies, ...peerDependencies, ...(DEVELOPMENT.test(path) && devDependencies) };
    return [...names].filter((name) => !(name in known)).map((name) => `${folder}/${path}: ${name}`);
  });
  expect(undeclared).toEqual([]);
});

test.each([
  "import one from 'one';",
  "import 'one/style.css';",
  "import type { One } from 'one';",
  "export type { One } from 'one/types';",
  "type One = import('one').One;",
  "declare module 'one' { interface One {} }",
  "const one = await import('one');",
  'const one = await import(`one`);',
  "import one = require('one');",
  "const one = require.resolve('one/package.json');",
  "const one = import.meta.resolve('one');",
])('an import is found in the form of %j', (code) => {
  const file = join(temporaryFolder(), 'importing.ts');
  writeFileSync(file, code);
  expect([...(packagesImportedBy([file]).get(file) ?? [])]).toEqual(['one']);
});

test('every version is pinned exactly, and the lockfile has the same one', () => {
  for (const [folder, manifest] of manifests) {
    expect(asked(LOCKED.get(folder)), folder).toEqual(asked(manifest));
    for (const [name, version] of declared(manifest)) {
      const entry = resolvedFrom(folder, name);
      if (entry?.link) continue;
      expect(version, name).toMatch(EXACT);
      expect(entry?.version, name).toBe(version);
    }
  }
});

test('the lockfile has whatever its packages need, on every platform', () => {
  const missing = locked.flatMap(([place, entry]) =>
    needed(entry)
      .filter((name) => !resolvedFrom(place, name))
      .map((name) => `${place}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('a version that one of our packages pins is the same everywhere', () => {
  const pins = manifests.flatMap(([folder, manifest]) =>
    Object.keys({ ...Object.fromEntries(declared(manifest)), ...manifest.peerDependencies }).flatMap(
      (name) => {
        const { dependencies = {}, peerDependencies = {} } = resolvedFrom(folder, name) ?? {};
        const own = { ...manifest.devDependencies, ...manifest.dependencies };
        return Object.entries({ ...dependencies, ...peerDependencies })
          .filter(([pinned, version]) => pinned in own && EXACT.test(version))
          .map(([pinned, version]) => ({ by: name, pinned, version, ours: own[pinned] }));
      },
    ),
  );
  expect(pins.map(({ pinned }) => pinned)).toEqual(
    expect.arrayContaining(['@trpc/server', '@trpc/client', '@auth/core', '@next/env']),
  );
  expect(pins.filter(({ version, ours }) => version !== ours)).toEqual([]);
});

test('whether a package may run a script at install is decided for each that has one', () => {
  const asking = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(asking.map(([place]) => place.replace(/^.*node_modules\//, '')).sort()).toEqual(
    Object.keys(INSTALL_SCRIPTS).sort(),
  );
});

test('the licence that package.json names is there, in each package that is published too', () => {
  const licence = readFileSync('LICENSE', 'utf8');
  expect(licence).toMatch(/^MIT License\n\nCopyright \(c\) \d{4} the next-trpc-bff contributors\n/);
  for (const [, manifest] of manifests) expect(manifest.license).toBe('MIT');
  const published = manifests.filter(([, manifest]) => !manifest.private).map(([folder]) => folder);
  expect(published.length).toBeGreaterThan(0);
  for (const folder of published) expect(readFileSync(join(folder, 'LICENSE'), 'utf8'), folder).toBe(licence);
});
