import { BASE_PATH, withBasePath } from '../runtime/base-path.js';
import { env } from '../runtime/process.js';

/**
 * Returns what to give Next's `redirect` for a path of the application. Next adds the base path to a path in pages,
 * and leaves it out in route handlers and in Server Actions without JavaScript; a whole address it leaves alone.
 *
 * @param path - Starts with a slash, and query and fragment may follow; a whole address stays as it is
 * @returns The path itself where there is no base path
 */
export const redirectAddress = (path: string): string =>
  BASE_PATH === '' ? path : new URL(withBasePath(path), env().AUTH_URL).href;
