import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

const CHECKSUM = /^\/\/ import-openapi ([0-9a-f]{16})\. .*\r?\n/;

/** Whether a file is as an import wrote it, was changed since, or is from elsewhere. */
export type Ownership = 'ours' | 'changed' | 'foreign';

/**
 * Puts a line with a checksum above a text, by which a later import recognizes it.
 *
 * @param advice - What the line tells a reader
 */
export const withChecksum = (text: string, advice: string) =>
  `// import-openapi ${digest(text)}. ${advice}\n${text}`;

/** Returns whether a file's text is one that an import wrote. */
export function ownershipOf(file: string): Ownership {
  const line = CHECKSUM.exec(file);
  if (!line) return 'foreign';
  return digest(file.slice(line[0].length)) === line[1] ? 'ours' : 'changed';
}

/** Git may change the ends of lines. */
const digest = (text: string) =>
  createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex').slice(0, 16);

/**
 * Finds the endpoints in a file that an import wrote.
 *
 * @param file - The file, which need not exist
 * @returns A function that takes a method and a path, whatever the names in its braces, and returns whether it is there
 */
export function existingEndpoints(file: string): (method: string, path: string) => boolean {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (ownershipOf(text) === 'foreign') return () => false;
  const found = [...text.matchAll(/\bendpoint\(\s*(['"])([A-Z]+) (\/.*?)\1/g)];
  const known = new Set(found.map(([, , method, path = '']) => `${method} ${nameless(path)}`));
  return (method, path) => known.has(`${method} ${nameless(path)}`);
}

const nameless = (path: string) => path.replace(/#.*$/, '').replace(/\{[^{}]+\}/g, '{}');
