import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { AUTH_SECRET } from '../support/app';
import { plainRequest } from '../support/plain-http';
import { tokensOf } from '../support/session-rows';
import { expect, signIn, test } from './fixtures';

/** Returns the forms in which a secret could show: itself, encoded for URLs, in base64 at any offset, a JWT's parts. */
function formsOf(secret: string): string[] {
  const parts = secret.split('.').filter((part) => part.length > 20);
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    // The ends depend on the neighbours.
    const core = Buffer.from('x'.repeat(offset) + secret)
      .toString('base64')
      .slice(4, -4);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  // Every JWT of the provider begins alike, and the header says nothing.
  const telling = parts.length === 3 ? parts.slice(1) : parts;
  return [...new Set([secret, encodeURIComponent(secret), ...telling, ...inBase64])];
}

/** Names the secrets that are in one of the texts, with the text's name. */
const leaks = (texts: ReadonlyMap<string, string>, secrets: Readonly<Record<string, string>>): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).flatMap((form) =>
      [...texts].filter(([, text]) => text.includes(form)).map(([place]) => `${name} in ${place}`),
    ),
  );

/** Keeps everything that the page receives from now on: addresses, headers, bodies; set cookies apart. */
function recordTraffic(page: Page) {
  const texts = new Map<string, string>();
  const setCookies = new Map<string, string>();
  const pending: Promise<void>[] = [];
  page.on('response', (response) => {
    const name = `#${texts.size + pending.length} ${response.request().method()} ${response.url().slice(0, 80)}`;
    const read = async () => {
      const { 'set-cookie': cookies = '', ...headers } = await response.allHeaders();
      // Redirects have no body, and neither has what was abandoned on the way.
      const body = await response.text().catch(() => '');
      texts.set(name, [response.url(), JSON.stringify(headers), body].join('\n'));
      setCookies.set(`Set-Cookie of ${name}`, cookies);
    };
    pending.push(read());
  });
  return { texts, setCookies, settled: () => Promise.all(pending) };
}

test('S1 no token, secret or session id reaches the browser or the log', async ({ page, context, app }) => {
  const { texts, setCookies, settled } = recordTraffic(page);
  const secrets: Record<string, string> = { AUTH_SECRET, 'client secret': app.demo.clientSecret };
  const rememberTokens = (sessionToken: string, when: string) => {
    const { accessToken, refreshToken, idToken } = tokensOf(app, sessionToken);
    Object.assign(secrets, {
      [`access token ${when}`]: accessToken,
      [`refresh token ${when}`]: refreshToken,
      [`id token ${when}`]: idToken,
    });
  };

  await page.goto('/');
  await signIn(page, 'alice', '/notes');
  const sessionToken = (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';
  rememberTokens(sessionToken, 'of the sign-in');

  await page.getByRole('button', { name: 'Show more' }).click();
  await page.locator('.notes a').first().click();
  await page.getByRole('button', { name: 'Save' }).click();
  await app.control('expire', { user: 'alice' });
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page.getByTestId('count')).toBeVisible();
  expect(await app.counters()).toMatchObject({ refreshes: 1 });
  rememberTokens(sessionToken, 'after a refresh');
  await page.goto('/notes/new');
  await page.getByLabel('Title').fill('A note for the log');
  await page.getByRole('button', { name: 'Create note' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('A note for the log');
  await page.goto('/notes/unknown');

  // Errors, of every kind that the endpoint, the pages and the refresh can make.
  await app.control('knobs', { api: { status: 500, message: 'secret words' } });
  await page.goto('/notes');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await app.control('knobs');
  await app.control('knobs', { token: { status: 500 } });
  await app.control('expire', { user: 'alice' });
  await page.goto('/overview');
  await page.goto('/login?error=Configuration');
  for (const [name, path, headers] of [
    ['RSC payload', '/notes?_rsc', { rsc: '1' }],
    ['session.current', '/api/trpc/session.current', {}],
    ['failed call', '/api/trpc/notes.list?input=%7B%7D', {}],
    ['unknown procedure', '/api/trpc/no.such', {}],
    ['broken input', '/api/trpc/notes.list?input=%7B', {}],
    ['Auth.js session', '/api/auth/session', {}],
    ['Auth.js providers', '/api/auth/providers', {}],
    ['failed callback', '/api/auth/callback/oidc?code=x&state=y', {}],
  ] as const) {
    const answer = await plainRequest(app.origin + path, {
      headers: { cookie: `bff-session=${sessionToken}`, ...headers },
    });
    const { 'set-cookie': cookies, ...rest } = answer.headers;
    texts.set(name, JSON.stringify(rest) + answer.body);
    setCookies.set(`Set-Cookie of ${name}`, String(cookies));
  }
  await app.control('knobs');
  await page.goto('/notes');
  const storage = 'JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href])';
  texts.set('the page’s storage', String(await page.evaluate(storage)));
  texts.set('the rendered page', await page.content());
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login*');
  await settled();
  texts.set('the log', app.output());
  for (const file of readdirSync('.next/static', { recursive: true, encoding: 'utf8' })) {
    if (/\.(?:js|css|json|map|txt)$/.test(file))
      texts.set(`.next/static/${file}`, readFileSync(join('.next/static', file), 'utf8'));
  }

  // What was searched is what was meant to be searched, and the search finds what is there.
  const all = [...texts.values()].join('\n');
  for (const word of ['Alice Archer', '"event":"procedure"', 'refresh_failed', 'A note for the log'])
    expect(all).toContain(word);
  expect([...texts.keys()].filter((name) => name.endsWith('.js')).length).toBeGreaterThan(5);
  expect(Object.values(secrets).every((secret) => secret.length > 20)).toBe(true);

  // The one exception, by OpenID Connect's design: the id token, once its session has ended, in the address that
  // signs the user out at the provider (https://openid.net/specs/openid-connect-rpinitiated-1_0.html).
  const hint = `id_token_hint=${secrets['id token after a refresh']}`;
  const withoutHint = new Map([...texts].map(([name, text]) => [name, text.replaceAll(hint, '')]));
  const carriers = [...texts]
    .filter(([, text]) => text.includes(hint))
    .map(([name]) => name.replace(/^\S+ /, ''));
  const expected = /^(?:POST http:\/\/localhost:\d+\/logout$|GET http:\/\/localhost:\d+\/session\/end\?)/;
  expect(carriers.filter((name) => !expected.test(name))).toEqual([]);

  expect(leaks(withoutHint, { ...secrets, 'session id': sessionToken })).toEqual([]);
  expect(leaks(setCookies, secrets)).toEqual([]);
});

test('S1 the search for secrets finds them in each of their forms', () => {
  const secret = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSIsIm4iOjF9AAAA.c2lnbmF0dXJlLXNpZ25hdHVyZQ++/';
  const hidden = {
    plain: `"token":"${secret}"`,
    url: `?t=${encodeURIComponent(secret)}`,
    base64: Buffer.from(`{"a":"${secret}"}`).toString('base64'),
    base64url: Buffer.from(`ab${secret}cd`).toString('base64url'),
    payload: secret.split('.')[1] ?? '',
  };
  for (const [form, text] of Object.entries(hidden))
    expect(leaks(new Map([[form, text]]), { token: secret })).toContain(`token in ${form}`);
  expect(leaks(new Map([['nothing', 'harmless']]), { token: secret })).toEqual([]);
});
