import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Returns where the first of these programs is on the PATH, or null when none of them is. */
export function executable(...names: string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find((path) => existsSync(path)) ?? null;
}
