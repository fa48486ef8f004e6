import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Folders whose contents are made, fetched or no code of the project. */
const LEFT_OUT: readonly string[] = [
  'node_modules',
  '.next',
  '.git',
  '.data',
  'dist',
  'test-results',
  'coverage',
];

const versions = z.record(z.string(), z.string()).default({});

const manifest = z.object({
  private: z.boolean().default(false),
  license: z.string().optional(),
  engines: versions,
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
});

const locked = manifest.extend({
  version: z.string().optional(),
  link: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
});

/** A package.json of the project. */
export type Manifest = z.output<typeof manifest>;

/** An entry of the lockfile. */
export type Locked = z.output<typeof locked>;

const json = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

const paths = filesBelow(ROOT).map((file) => relative(ROOT, file));

/** The project's source files, absolute. */
export const SOURCES = paths
  .filter((path) => /\.(?:[cm]?[jt]s|tsx)$/.test(path))
  .map((path) => join(ROOT, path));

/** The package.json files of the project by their folder, `''` for the root: one, or one for each workspace too. */
export const MANIFESTS: ReadonlyMap<string, Manifest> = new Map(
  paths
    .filter((path) => /^(?:.*\/)?package\.json$/.test(path))
    .map((path) => [path.slice(0, -'/package.json'.length), manifest.parse(json(path))]),
);

/** The lockfile's entries by their place, `''` for the project itself. */
export const LOCKED: ReadonlyMap<string, Locked> = new Map(
  Object.entries(
    z.object({ packages: z.record(z.string(), locked) }).parse(json('package-lock.json')).packages,
  ),
);

/** What may run at install, and what may not. */
export const INSTALL_SCRIPTS = z
  .object({ allowScripts: z.record(z.string(), z.boolean()) })
  .parse(json('package.json')).allowScripts;

/**
 * Returns the folder of the package.json that a file belongs to, and the file's path below it.
 *
 * @param file - An absolute path
 */
export function ownerOf(file: string): { readonly folder: string; readonly path: string } {
  for (let folder = relative(ROOT, dirname(file)); ; folder = dirname(folder).replace(/^\.$/, ''))
    if (MANIFESTS.has(folder)) return { folder, path: relative(join(ROOT, folder), file) };
}

/**
 * Returns the entry that a package finds when it asks for another one, as Node looks for it: from its own place upwards.
 *
 * @param place - Of the package that asks, e.g. `node_modules/vite`
 * @param name - What it asks for
 */
export function resolvedFrom(place: string, name: string): Locked | null {
  for (let folder = place; ; folder = dirname(folder).replace(/^\.$/, '')) {
    const found = LOCKED.get(join(folder, 'node_modules', name));
    if (found || folder === '') return found ?? null;
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}
