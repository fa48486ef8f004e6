import { once } from 'node:events';
import { type IncomingMessage, request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import type { RunningApp } from './app';
import { CookieJar, signInAtProvider } from './provider-login';

/** An answer whose body was read whole. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** The `Set-Cookie` lines. */
  readonly cookies: readonly string[];
  readonly location: string | null;
  readonly body: string;
}

export interface PlainRequest {
  readonly method?: string;
  /** Sent as they are, those that `fetch` would refuse or add to as well. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A list of pieces is sent chunked, without a length. */
  readonly body?: string | readonly string[];
}

/** Sends one request as no browser would: nothing is added to it, no redirect is followed. */
export async function plainRequest(url: string, options: PlainRequest = {}): Promise<PlainAnswer> {
  const { method = 'GET', headers = {}, body = '' } = options;
  const request = send(url, { method, headers: { ...headers }, agent: false });
  const answered = once(request, 'response');
  if (typeof body === 'string') request.end(body);
  else {
    for (const piece of body) request.write(piece);
    request.end();
  }
  const [response]: [IncomingMessage] = await answered.then(([first]) => [first]);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    cookies: response.headers['set-cookie'] ?? [],
    location: response.headers.location ?? null,
    body: await text(response),
  };
}

/** What a browser without JavaScript would have after the sign-in form: its cookies and where it is sent. */
export interface PendingSignIn {
  readonly authorizationUrl: URL;
  readonly jar: CookieJar;
}

/** Submits the form on `/login`, as a browser without JavaScript does, and stops in front of the provider. */
export async function beginSignIn(
  { origin }: Pick<RunningApp, 'origin'>,
  jar = new CookieJar(),
  callbackUrl = '/notes',
): Promise<PendingSignIn> {
  const address = new URL(`${origin}/login?callbackUrl=${encodeURIComponent(callbackUrl)}`);
  const page = await (await fetch(address, { headers: { cookie: jar.headerFor(address) } })).text();
  const [form = ''] = /<form(?:(?!<\/form>).)*Continue with single sign-on/s.exec(page) ?? [];
  const fields = new URLSearchParams();
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    fields.set(attributeOf(input, 'name'), attributeOf(input, 'value'));
  }
  const answer = await fetch(new URL(attributeOf(form, 'action'), address), {
    method: 'POST',
    body: fields,
    headers: { origin: address.origin, cookie: jar.headerFor(address) },
    redirect: 'manual',
  });
  jar.remember(answer);
  const location = answer.headers.get('location');
  if (!location) throw new Error(`The sign-in form led nowhere: ${answer.status} ${await answer.text()}`);
  return { authorizationUrl: new URL(location, origin), jar };
}

/** Completes a sign-in and returns the session cookie's value. */
export async function signInOverHttp(
  app: Pick<RunningApp, 'origin'>,
  login: 'alice' | 'bob' = 'alice',
  jar = new CookieJar(),
): Promise<string> {
  const { authorizationUrl } = await beginSignIn(app, jar);
  const callback = await signInAtProvider(authorizationUrl, { login, password: 'demo' }, jar);
  const answer = await fetch(callback, {
    redirect: 'manual',
    headers: { cookie: jar.headerFor(callback) },
  });
  jar.remember(answer);
  const sessionToken = cookieIn(answer.headers.getSetCookie(), 'bff-session');
  if (!sessionToken) throw new Error(`The callback set no session: ${answer.status}`);
  return sessionToken;
}

/** Returns the value that `Set-Cookie` lines give a cookie, or null when they do not set it. */
export function cookieIn(lines: readonly string[], name: string): string | null {
  const line = lines.find((candidate) => candidate.startsWith(`${name}=`));
  return line?.slice(name.length + 1).split(';')[0] ?? null;
}

/** Returns the attributes of a `Set-Cookie` line by lower-case name, without its own name and value. */
export function cookieAttributes(line: string): Record<string, string> {
  const [, ...attributes] = line.split(/;\s*/);
  return Object.fromEntries(
    attributes.map((attribute) => {
      const [name = '', value = ''] = attribute.split('=');
      return [name.toLowerCase(), value];
    }),
  );
}

/** Whether a session cookie's value opens a live session, as `session.current` says. */
export async function isSessionLive(
  { origin }: Pick<RunningApp, 'origin'>,
  sessionToken: string,
): Promise<boolean> {
  const answer = await plainRequest(`${origin}/api/trpc/session.current`, {
    headers: { cookie: `bff-session=${sessionToken}` },
  });
  if (answer.status !== 200) throw new Error(`session.current answered ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body).result.data !== null;
}

function attributeOf(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return value.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
