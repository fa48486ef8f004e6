import { camelCase, uniqueNames } from '../names';
import type { Parameter } from './parameters';

const ORDER: readonly Parameter['place'][] = ['path', 'query', 'header', 'cookie'];

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
  const unique = uniqueNames(taken);
  const used = new Set(taken);
  return sorted.map((parameter) => {
    const { name, place } = parameter;
    const isOwn = place === 'query' || (place === 'path' && /^\w+$/.test(name));
    const wanted = isOwn ? name : camelCase(name);
    const key = unique(used.has(wanted) ? camelCase(`${place} ${name}`) : wanted);
    used.add(key);
    return [key, parameter];
  });
}
