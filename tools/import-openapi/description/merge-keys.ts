import { isObject, listIn } from './json';

const MERGE = '<<';

/**
 * Gives every object the fields of those that its merge key names, `<<: *usual`, as YAML 1.1 means it. It changes what
 * it is given: so what is named several times stays one object.
 *
 * @see https://yaml.org/type/merge.html
 */
export function resolveMergeKeys(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const merged = isObject(value) ? value[MERGE] : undefined;
  if (isObject(merged) || Array.isArray(merged)) {
    Reflect.deleteProperty(value, MERGE);
    for (const source of isObject(merged) ? [merged] : listIn(merged)) {
      resolveMergeKeys(source, seen);
      addFields(value, source);
    }
  }
  for (const inner of Object.values(value)) resolveMergeKeys(inner, seen);
}

/** What an object has already, it keeps. */
function addFields(object: object, source: unknown): void {
  if (!isObject(source)) return;
  for (const [name, value] of Object.entries(source)) {
    if (Object.hasOwn(object, name)) continue;
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
}
