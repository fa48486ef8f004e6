interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** What a browser keeps between requests to the provider; pass one jar twice to come back as the same browser. */
export class CookieJar {
  #cookies: Cookie[] = [];

  remember(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const path = attribute(attributes, 'path') ?? '/';
      const expires = attribute(attributes, 'expires');
      this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name || cookie.path !== path);
      if (value && !(expires && Date.parse(expires) <= Date.now())) this.#cookies.push({ name, value, path });
    }
  }

  headerFor(url: URL): string {
    return this.#cookies
      .filter(({ path }) => path === '/' || url.pathname === path || url.pathname.startsWith(`${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

/**
 * Signs in at the demo's provider as a browser without JavaScript would: follows the redirects, submits the
 * form, and stops in front of the app.
 *
 * @param authorizationUrl - Where the app sends the browser to sign in
 * @param credentials - What to type into the form
 * @param jar - The browser's cookies; a provider session in it may make the form unnecessary
 * @returns The app's callback address with `code` and `state`, not requested yet
 * @throws When the provider answers with anything but the form and a redirect, e.g. for a wrong password
 */
export async function signInAtProvider(
  authorizationUrl: URL | string,
  credentials: { login: string; password: string },
  jar = new CookieJar(),
): Promise<URL> {
  const start = new URL(authorizationUrl);
  const landed = await followWithin(start.origin, start, {}, jar);
  if (landed.leftTo) return landed.leftTo;

  const form = { method: 'POST', body: new URLSearchParams(credentials) };
  const submitted = await followWithin(start.origin, landed.url, form, jar);
  if (submitted.leftTo) return submitted.leftTo;
  throw new Error(
    `The provider did not sign ${credentials.login} in: ${submitted.status} at ${submitted.url.pathname}`,
  );
}

interface Arrival {
  status: number;
  url: URL;
  /** Set when a redirect led away from the provider. */
  leftTo?: URL;
}

async function followWithin(origin: string, url: URL, init: RequestInit, jar: CookieJar): Promise<Arrival> {
  const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie: jar.headerFor(url) } });
  await response.arrayBuffer();
  jar.remember(response);
  const location = response.headers.get('location');
  if (location === null) return { status: response.status, url };
  const target = new URL(location, url);
  if (target.origin !== origin) return { status: response.status, url, leftTo: target };
  return followWithin(origin, target, {}, jar);
}

function attribute(attributes: string[], name: string): string | undefined {
  return attributes.find((text) => text.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
}
