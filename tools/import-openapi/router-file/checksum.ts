import { createHash } from 'node:crypto';

const SEAL = /^\/\/ import-openapi ([0-9a-f]{16})\. .*\r?\n/;

/** Whose a file is: as it was written here, changed since, or somebody else's. */
export type Ownership = 'ours' | 'changed' | 'foreign';

/**
 * Puts a checksum above a text, by which it is known again.
 *
 * @param advice - What the same line tells a reader
 */
export const sealed = (text: string, advice: string) =>
  `// import-openapi ${digest(text)}. ${advice}\n${text}`;

/** Returns whose a file is. */
export function ownershipOf(file: string): Ownership {
  const seal = SEAL.exec(file);
  if (!seal) return 'foreign';
  return digest(file.slice(seal[0].length)) === seal[1] ? 'ours' : 'changed';
}

/** Line ends are git's business. */
const digest = (text: string) =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16);
