import { hasWords } from '../description/names.js';
import { routerName } from './router-names.js';

/** Which part of a description to import. */
export interface Selection {
  /** One tag; all of them by default. */
  readonly tag: string | null;
  /** The beginning of paths, in whole segments; all of them by default. */
  readonly prefix: string | null;
  /** The name of the router, if not its tag. */
  readonly as: string | null;
}

/** Returns whether a path begins with a prefix: `/notes` is a beginning of `/notes/{id}`, not of `/notes-archive`. */
export function isBelow(path: string, prefix: string | null): boolean {
  if (prefix === null) return true;
  const start = `/${prefix.replace(/^\/+|\/+$/g, '')}`;
  return start === '/' || path === start || path.startsWith(`${start}/`);
}

/** Returns whether a tag is the chosen one; they are the same if their routers are. */
export const isTag = (name: string, tag: string | null) =>
  tag === null || name === tag || ([name, tag].every(hasWords) && routerName(name) === routerName(tag));
