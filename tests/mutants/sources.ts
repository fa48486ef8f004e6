import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is made anew, by an installation, a build or a run. */
export const MADE = ['.next', '.git', '.data', 'dist', 'test-results'];

const NOT_SOURCE = new Set([...MADE, 'node_modules', 'tests', 'docs']);
const SOURCE_FILE = /\.(?:[cm]?[jt]s|tsx|jsx)$/;

/**
 * Reads the source of the project: the code that mutants may change.
 *
 * @param root - The project's folder, absolute
 * @returns The texts of all its source files by their paths below `root`
 */
export function sourcesOf(root: string): ReadonlyMap<string, string> {
  const paths = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return NOT_SOURCE.has(entry.name) ? [] : paths(path);
      return entry.isFile() && SOURCE_FILE.test(entry.name) ? [path] : [];
    });
  return new Map(paths('').map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}
