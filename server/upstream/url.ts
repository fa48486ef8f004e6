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
 * @throws {TRPCError} BAD_REQUEST when a value is missing, or is a segment that would climb (empty, `.`, `..`)
 * @throws {TypeError} when the template does not start with one slash
 * @see https://www.rfc-editor.org/rfc/rfc6570 (section 3.2.2)
 */
export function expandPath(template: string, params: Readonly<Record<string, UrlValue | undefined>>): string {
  if (!/^\/(?!\/)/.test(template))
    throw new TypeError(`The path template ${template} must start with one slash.`);
  return template.replace(NAMES, (_, name: string) => {
    const value = String(params[name] ?? '');
    if (/^\.{0,2}$/.test(value)) {
      throw new TRPCError({
        code: 'BAD_REQUEST',
        message: `"${name}" of ${template} is missing or no path segment.`,
      });
    }
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
