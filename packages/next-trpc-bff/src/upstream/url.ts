import { TRPCError } from '@trpc/server';

/** A value in a path or query. */
export type UrlValue = string | number | boolean;

/** Query parameters: absent ones (undefined, null) are left out, lists repeat the name. */
export type Query = Readonly<Record<string, UrlValue | readonly UrlValue[] | null | undefined>>;

/** The names in a template's braces: `PathParams<'/notes/{id}'>` is `'id'`. */
export type PathParams<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;

const NAMES = /\{([^{}]+)\}/g;

/** Names in braces, and what no address holds as it is: letters beyond ASCII, spaces. */
const NAMES_AND_FOREIGN = /\{([^{}]+)\}|[^\x21-\x7e]+/g;

const CLIMBING = /(?:^|[/\\])\.{1,2}(?:$|[/\\])/;

/** Returns the names in a template's braces. */
export const paramsIn = (template: string): string[] =>
  [...template.matchAll(NAMES)].flatMap(([, name]) => name ?? []);

/**
 * Fills a path template. Every value is encoded as one path segment, so that no input can climb the path,
 * add a query or reach another host.
 *
 * @param template - Path with names in braces, e.g. `/notes/{id}`; starts with one slash
 * @param params - A value for each name
 * @returns The path, to be appended to `UPSTREAM_URL`
 * @throws {TRPCError} BAD_REQUEST when a value is missing, or has a part that would climb (`.`, `..`), also between
 *   slashes: there are servers that decode these before they look at the path
 * @throws {TypeError} when the template does not start with one slash, or is more than a path
 * @see https://www.rfc-editor.org/rfc/rfc6570 (section 3.2.2)
 */
export function expandPath(template: string, params: Readonly<Record<string, UrlValue | undefined>>): string {
  if (!/^\/(?!\/)/.test(template))
    throw new TypeError(`The path template ${template} must start with one slash.`);
  if (/[?#]/.test(template))
    throw new TypeError(`The path template ${template} must be a path only: a query goes into the input.`);
  // Values and the template's own dots may climb together.
  if (CLIMBING.test(template.replace(NAMES, (_, name: string) => String(params[name]))))
    throw new TRPCError({ code: 'BAD_REQUEST', message: `The values of ${template} are no path segments.` });
  return template.replace(NAMES_AND_FOREIGN, (foreign, name: string | undefined) => {
    if (name === undefined) return encodeURIComponent(foreign.toWellFormed());
    const value = String(params[name] ?? '');
    if (value === '')
      throw new TRPCError({ code: 'BAD_REQUEST', message: `"${name}" of ${template} is missing.` });
    return encodeURIComponent(value.toWellFormed());
  });
}

/**
 * Writes a query string.
 *
 * @returns It with its question mark, or an empty string when there is nothing to ask
 */
export function queryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat())
      if (item !== undefined && item !== null) search.append(name, String(item));
  }
  const text = search.toString();
  return text && `?${text}`;
}
