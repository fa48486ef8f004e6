import type { Found, Operation } from './description/operations';
import { isSpeaking, kebabCase, routerKey, routerName } from './names';

/** Which part of a description to import. */
export interface Selection {
  /** One tag; all of them by default. */
  readonly tag: string | null;
  /** The beginning of paths, in whole segments; all of them by default. */
  readonly prefix: string | null;
  /** The name of the router, where it shall be another than its tag. */
  readonly as: string | null;
}

/** The operations of one router. */
export interface Group {
  readonly tag: string;
  /** Its key in the map. */
  readonly key: string;
  /** Its file's name, without ending. */
  readonly file: string;
  readonly operations: readonly Operation[];
}

/** Returns where a router's file is, below the project's folder. */
export const routerFile = (name: string) => `server/routers/${name}.ts`;

/** Returns whether a path begins with a prefix: `/notes` is a beginning of `/notes/{id}`, not of `/notes-archive`. */
export function isBelow(path: string, prefix: string | null): boolean {
  if (prefix === null) return true;
  const start = `/${prefix.replace(/^\/+|\/+$/g, '')}`;
  return start === '/' || path === start || path.startsWith(`${start}/`);
}

/**
 * Sorts operations by tag, each into every tag that it has, as documentation does. What has no tag goes by the first
 * word of its path that is no version: `/v1/customers/{id}` to `customers`. What is below another path stays in a
 * router that has it.
 *
 * @param endpointsOf - Returns whether a router's file has an endpoint, by method and path
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
      if (tag === null || isSameTag(name, tag)) group.operations.add(operation);
      groups.set(routerName(name), group);
    }
  }
  return [...groups.values()].flatMap((group) => {
    const all = [...group.operations];
    if (!all.some(({ path }) => isBelow(path, prefix))) return [];
    const name = as ?? group.tag;
    const file = kebabCase(name);
    const isThere = endpointsOf(file);
    const kept = all.filter(({ method, path }) => isBelow(path, prefix) || isThere(method, path));
    return [{ tag: group.tag, key: routerKey(name), file, operations: kept }];
  });
}

/** Returns the tags of an operation, or the one that its path stands for. */
export function tagsOf({ tags, path }: Operation): readonly string[] {
  if (tags.length > 0) return tags;
  const words = path.split('/').filter((word) => word !== '' && !/[{}]/.test(word));
  return [words.find((word) => !/^(api|rest|v?\d+([.-]\d+)*)$/i.test(word)) ?? words[0] ?? 'root'];
}

const isSameTag = (a: string, b: string) =>
  a === b || ([a, b].every(isSpeaking) && routerName(a) === routerName(b));
