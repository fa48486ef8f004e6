import { asciiName, camelCase, uniqueNames } from '../names';
import type { Parameter } from './parameters';

const ORDER: readonly Parameter['place'][] = ['path', 'query', 'header', 'cookie'];

/** Where such a key is absent, zod would read what every object inherits. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

/**
 * Names the parameters as keys of one input, the path's first: as the description calls them, headers in camelCase. Of two with the
 * same name, the path's keeps it.
 *
 * @param taken - Keys that are something else
 */
export function keyed(
  parameters: readonly Parameter[],
  taken: readonly string[],
): (readonly [key: string, parameter: Parameter])[] {
  const sorted = parameters.toSorted((a, b) => ORDER.indexOf(a.place) - ORDER.indexOf(b.place));
  const unique = uniqueNames([...taken, ...INHERITED]);
  const used = new Set([...taken, ...INHERITED]);
  return sorted.map((parameter) => {
    const { name, place } = parameter;
    const isOwn = place === 'query' || (place === 'path' && /^\w+$/.test(name));
    const named = place === 'path' ? asciiName : camelCase;
    const wanted = isOwn ? name : named(name);
    const key = unique(used.has(wanted) ? named(`${place} ${name}`) : wanted);
    used.add(key);
    return [key, parameter];
  });
}
