import { existsSync, readFileSync } from 'node:fs';
import { ownershipOf } from './checksum';

/**
 * Returns whether an endpoint stands in an imported file.
 *
 * @param file - The file, which need not exist
 * @returns A function that takes method and path, whatever the names in its braces
 */
export function endpointsIn(file: string): (method: string, path: string) => boolean {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (ownershipOf(text) === 'foreign') return () => false;
  const found = [...text.matchAll(/\bendpoint\(\s*(['"])([A-Z]+) (\/.*?)\1/g)];
  const known = new Set(found.map(([, , method, path = '']) => `${method} ${nameless(path)}`));
  return (method, path) => known.has(`${method} ${nameless(path)}`);
}

const nameless = (path: string) => path.replace(/#.*$/, '').replace(/\{[^{}]+\}/g, '{}');
