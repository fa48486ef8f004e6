import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownershipOf } from './imported-file.js';

/** A file's text and its path below the project's folder. */
interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** The file of a router. */
export interface RouterFile extends TextFile {
  /** The router's key in the map. */
  readonly key: string;
  readonly endpoints: number;
  readonly outcome: Outcome;
}

/** What becomes of a file. */
export type Outcome = 'written' | 'unchanged' | 'changed by hand' | 'of another tag' | 'not ours';

/** Returns whether an outcome means that nothing may be written. */
export const isRefusal = (outcome: Outcome) => outcome !== 'written' && outcome !== 'unchanged';

/**
 * Returns what becomes of a file.
 *
 * @param root - The project's folder
 * @param origin - What the first line of a file says that was imported from the same tag and description
 * @param force - Overwrite an imported file that is from another tag or was changed since
 */
export function outcomeOf(root: string, { path, text }: TextFile, origin: string, force: boolean): Outcome {
  if (!existsSync(join(root, path))) return 'written';
  const existing = readFileSync(join(root, path), 'utf8');
  if (existing.replaceAll('\r\n', '\n') === text) return 'unchanged';
  const owner = ownershipOf(existing);
  if (owner === 'foreign') return 'not ours';
  if (force) return 'written';
  if (!existing.split('\n', 1)[0]?.includes(origin)) return 'of another tag';
  return owner === 'ours' ? 'written' : 'changed by hand';
}

/** Writes files: all that changed, or none if one would replace a file that is to be kept. */
export function writeFiles(root: string, files: readonly RouterFile[]): void {
  if (files.some(({ outcome }) => isRefusal(outcome))) return;
  for (const { path, text, outcome } of files) {
    if (outcome !== 'written') continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
