import type { Found, Operation } from './description/operations';
import { camelCase, kebabCase, routerKey } from './names';

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

/** Returns whether a path begins with a prefix: `/notes` is a beginning of `/notes/{id}`, not of `/notes-archive`. */
export function isBelow(path: string, prefix: string | null): boolean {
  if (prefix === null) return true;
  const start = `/${prefix.replace(/^\/+|\/+$/g, '')}`;
  return start === '/' || path === start || path.startsWith(`${start}/`);
}

/**
 * Sorts operations by tag, each into every tag that it has, as documentation does. What has no tag goes by the first
 * word of its path that is no version: `/v1/customers/{id}` to `customers`.
 */
export function groupsOf(found: readonly Found[], { tag, prefix, as }: Selection): Group[] {
  const groups = new Map<string, { tag: string; operations: Operation[] }>();
  for (const one of found) {
    if (!('operation' in one) || !isBelow(one.operation.path, prefix)) continue;
    for (const name of tagsOf(one.operation)) {
      const isWanted = tag === null || isSameTag(name, tag);
      if (!isWanted) continue;
      const group = groups.get(camelCase(name)) ?? { tag: name, operations: [] };
      if (!group.operations.includes(one.operation)) group.operations.push(one.operation);
      groups.set(camelCase(name), group);
    }
  }
  return [...groups.values()].map((group) => {
    const name = as ?? group.tag;
    return { ...group, key: routerKey(name), file: kebabCase(name) };
  });
}

/** Returns the tags of an operation, or the one that its path stands for. */
export function tagsOf({ tags, path }: Operation): readonly string[] {
  if (tags.length > 0) return tags;
  const words = path.split('/').filter((word) => word !== '' && !/[{}]/.test(word));
  return [words.find((word) => !/^(api|rest|v?\d+([.-]\d+)*)$/i.test(word)) ?? words[0] ?? 'root'];
}

const isSameTag = (a: string, b: string) => a === b || camelCase(a) === camelCase(b);
