declare global {
  namespace NodeJS {
    interface ProcessEnv {
      /** Written into the build by `withBff`, for the browser too. */
      readonly BASE_PATH?: string;
    }
  }
}

/**
 * The path below which the build serves the application, e.g. `/app`, or nothing for the root. Paths inside the
 * application, `callbackUrl` among them, never contain it: it is added where an address leaves for the browser.
 *
 * @see https://nextjs.org/docs/app/api-reference/config/next-config-js/basePath
 */
export const BASE_PATH: string = process.env.BASE_PATH ?? '';

/**
 * Returns the base path of an address.
 *
 * @param address - `AUTH_URL`; one that is not valid gives the root, and the boot reports it
 */
export function basePathOf(address: string | undefined): string {
  const path = address !== undefined && URL.canParse(address) ? new URL(address).pathname : '/';
  return /^(?:\/[\w.-]+)+\/?$/.test(path) ? path.replace(/\/$/, '') : '';
}

/**
 * Returns a path of the application as a browser asks for it: for `Location` headers, `<a>`, `<form>`, `fetch` and
 * `window.location`. Next's `<Link>` and router add the base path themselves; for its `redirect` see `redirectAddress`.
 *
 * @param path - Starts with a slash, and query and fragment may follow; a whole address stays as it is
 */
export const withBasePath = (path: string): string =>
  BASE_PATH === '' || !path.startsWith('/') ? path : BASE_PATH + path.replace(/^\/(?=[?#]|$)/, '');

/** Returns a path that a browser asked for as the application knows it. */
export const withoutBasePath = (path: string): string =>
  path === BASE_PATH || path.startsWith(`${BASE_PATH}/`) ? path.slice(BASE_PATH.length) || '/' : path;
