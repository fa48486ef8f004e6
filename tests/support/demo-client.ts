import * as oidc from 'openid-client';
import { expect } from 'vitest';
import { type DemoServices, startDemoServices } from '../../packages/demo/src/services';
import { CookieJar, signInAtProvider } from './provider-login';

export const ALICE = { login: 'alice', password: 'demo' };
export const BOB = { login: 'bob', password: 'demo' };

/** The services under test, and a client of theirs; {@link startFor} makes them anew. */
export let demo: DemoServices;
export let appOrigin: string;
export let client: oidc.Configuration;

export type Tokens = Pick<oidc.TokenEndpointResponse, 'access_token' | 'refresh_token' | 'id_token'>;

export async function startFor(origin: string): Promise<void> {
  appOrigin = origin;
  demo = await startDemoServices({ port: 0, appUrl: appOrigin });
  const { issuer, clientId, clientSecret } = demo;
  const authentication = oidc.ClientSecretBasic(clientSecret);
  client = await oidc.discovery(new URL(issuer), clientId, undefined, authentication, {
    execute: [oidc.allowInsecureRequests],
  });
}

interface SignInOptions {
  jar?: CookieJar;
  prompt?: string;
  scope?: string;
}

export async function signIn(credentials: typeof ALICE, { jar, prompt, scope }: SignInOptions = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const url = await authorizationUrl(pkceCodeVerifier, {
    ...(prompt && { prompt }),
    ...(scope && { scope }),
  });
  const callback = await signInAtProvider(url, credentials, jar);
  return oidc.authorizationCodeGrant(client, callback, { pkceCodeVerifier, expectedState: 'state' });
}

export async function authorizationUrl(
  verifier: string,
  parameters: Record<string, string> = {},
): Promise<URL> {
  return oidc.buildAuthorizationUrl(client, {
    redirect_uri: `${appOrigin}/api/auth/callback/oidc`,
    scope: 'openid profile email offline_access notes',
    state: 'state',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
}

export async function openForm(): Promise<{ formUrl: URL; jar: CookieJar }> {
  const jar = new CookieJar();
  const answer = await fetch(await authorizationUrl(oidc.randomPKCECodeVerifier()), { redirect: 'manual' });
  jar.remember(answer);
  return { formUrl: new URL(answer.headers.get('location') ?? '', demo.issuer), jar };
}

export function refresh({ refresh_token: token = '' }: Tokens) {
  return oidc.refreshTokenGrant(client, token);
}

export function requestRefresh(
  { refresh_token: token = '' }: Tokens,
  signal: AbortSignal,
): Promise<Response> {
  const credentials = Buffer.from(`${demo.clientId}:${demo.clientSecret}`).toString('base64');
  return fetch(`${demo.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
    signal,
  });
}

export async function endSession(
  { id_token: hint = '' }: Tokens,
  jar: CookieJar,
  returnTo = `${appOrigin}/login`,
) {
  const parameters = { id_token_hint: hint, post_logout_redirect_uri: returnTo, state: 's1' };
  const url = oidc.buildEndSessionUrl(client, parameters);
  const answer = await fetch(url, { headers: { cookie: jar.headerFor(url) }, redirect: 'manual' });
  jar.remember(answer);
  return { status: answer.status, location: answer.headers.get('location') };
}

export async function allNotes(tokens: Tokens) {
  const notes: { id: string; title: string; body: string; updatedAt: string }[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await (await api(`/notes?limit=7${cursor && `&cursor=${cursor}`}`, tokens)).json();
    notes.push(...page.items);
    cursor = page.nextCursor;
  }
  return notes;
}

export async function leaveDuring(
  request: (signal: AbortSignal) => Promise<Response>,
  counter: string,
): Promise<void> {
  const before = (await counters())[counter] ?? 0;
  const browser = new AbortController();
  const answer = request(browser.signal);
  const left = expect(answer).rejects.toThrow('abort');
  await expect.poll(async () => (await counters())[counter]).toBe(before + 1);
  browser.abort();
  await left;
}

export function api(path: string, tokens: Tokens, init: RequestInit = {}): Promise<Response> {
  return fetch(`${demo.apiUrl}${path}`, { ...init, ...bearer(tokens) });
}

export function bearer({ access_token: token }: Tokens): RequestInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

export function json(method: string, body: unknown): RequestInit {
  return { method, body: JSON.stringify(body) };
}

export async function control(command: string, input: unknown): Promise<unknown> {
  const answer = await fetch(`${demo.origin}/__demo/${command}`, json('POST', input));
  expect(answer.status).toBe(200);
  return answer.json();
}

export async function counters(): Promise<Record<string, number>> {
  return (await fetch(`${demo.origin}/__demo/counters`)).json();
}
