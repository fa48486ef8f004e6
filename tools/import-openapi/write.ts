import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ownership, ownershipOf } from './router-file/checksum';

/** A file's text and its place below the project's folder. */
interface Written {
  readonly path: string;
  readonly text: string;
}

/** A router, ready to be written. */
export interface RouterFile extends Written {
  /** The router's key in the map. */
  readonly key: string;
  readonly endpoints: number;
  readonly outcome: Outcome;
}

/** What became of a file. */
export type Outcome = 'written' | 'unchanged' | 'changed by hand' | 'of another tag' | 'not ours';

/** Returns whether a file stands in the way. */
export const isRefusal = (outcome: Outcome) => outcome !== 'written' && outcome !== 'unchanged';

/**
 * Returns what would become of a file.
 *
 * @param root - The project's folder
 * @param origin - What the file says of where it is from, if it is from there
 * @param force - Overwrite what was written here, from elsewhere or changed since; never what somebody else wrote
 */
export function outcomeOf(root: string, { path, text }: Written, origin: string, force: boolean): Outcome {
  if (!existsSync(join(root, path))) return 'written';
  const existing = readFileSync(join(root, path), 'utf8');
  if (existing.replaceAll('\r\n', '\n') === text) return 'unchanged';
  const owner: Ownership = ownershipOf(existing);
  if (owner === 'foreign') return 'not ours';
  if (force) return 'written';
  if (!existing.split('\n', 1)[0]?.includes(origin)) return 'of another tag';
  return owner === 'ours' ? 'written' : 'changed by hand';
}

/** Writes files, all of them or, if one of them would be lost, none. */
export function writeFiles(root: string, files: readonly RouterFile[]): void {
  if (files.some(({ outcome }) => isRefusal(outcome))) return;
  for (const { path, text, outcome } of files) {
    if (outcome !== 'written') continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
