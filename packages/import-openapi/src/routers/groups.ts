import { kebabCase } from '../description/names.js';
import type { Found, Operation } from '../description/operations.js';
import { routerKey, routerName } from './router-names.js';
import { isBelow, isTag, type Selection } from './selection.js';

/** The operations of one router. */
export interface Group {
  readonly tag: string;
  /** Its key in the map. */
  readonly key: string;
  /** The name of its file, without extension. */
  readonly file: string;
  readonly operations: readonly Operation[];
}

/** Returns the path of a router's file below the project's folder. */
export const routerFile = (name: string) => `server/routers/${name}.ts`;

/**
 * Groups operations by tag, each under every tag that it has. Without a tag, the first word of its path that is no
 * version stands for one: `customers` for `/v1/customers/{id}`. With a prefix, a router retains the endpoints below
 * other paths that its file has.
 *
 * @param endpointsOf - Returns, for the name of a router's file, whether it has an endpoint of a method and a path
 */
export function groupsOf(
  found: readonly Found[],
  { tag, prefix, as }: Selection,
  endpointsOf: (file: string) => (method: string, path: string) => boolean,
): Group[] {
  const operations = found.flatMap((one) => ('operation' in one ? one.operation : []));
  const groups = new Map<string, { tag: string; operations: Set<Operation> }>();
  for (const operation of operations) {
    for (const name of tagsOf(operation)) {
      const group = groups.get(routerName(name)) ?? { tag: name, operations: new Set() };
      if (isTag(name, tag)) group.operations.add(operation);
      groups.set(routerName(name), group);
    }
  }
  return [...groups.values()].flatMap((group) => {
    const all = [...group.operations];
    if (!all.some(({ path }) => isBelow(path, prefix))) return [];
    const name = as ?? group.tag;
    const file = kebabCase(name);
    const isExisting = endpointsOf(file);
    const chosen = all.filter(({ method, path }) => isBelow(path, prefix) || isExisting(method, path));
    return [{ tag: group.tag, key: routerKey(name), file, operations: chosen }];
  });
}

/** Returns the tags of an operation, or the one that its path stands for. */
export function tagsOf({ tags, path }: Operation): readonly string[] {
  if (tags.length > 0) return tags;
  const words = path.split('/').filter((word) => word !== '' && !/[{}]/.test(word));
  return [words.find((word) => !/^(api|rest|v?\d+([.-]\d+)*)$/i.test(word)) ?? words[0] ?? 'root'];
}
