import { listenOnLoopback } from '../../packages/demo/src/loopback';
import { startApp } from '../support/app';
import { expect, test } from './fixtures';

const eventsIn = (output: string, event: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`) && line.endsWith('}'))
    .map((line) => JSON.parse(line));

/** Asks the app to send a browser to the provider, as a form would. Returns where it is sent. */
async function startSignIn(origin: string): Promise<string> {
  const csrf = await fetch(`${origin}/api/auth/csrf`);
  const { csrfToken } = await csrf.json();
  const cookie = csrf.headers.getSetCookie().map((line) => line.split(';')[0]);
  const response = await fetch(`${origin}/api/auth/signin/oidc`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookie.join('; ') },
    body: new URLSearchParams({ csrfToken }),
  });
  return response.headers.get('location') ?? '';
}

test('S15 in the build, too, a provider’s metadata leads nowhere by http but to the hosts that HTTP_HOSTS names, each with a warning', async () => {
  const provider = await listenOnLoopback(0);
  const issuer = `http://localhost:${provider.port}`;
  provider.serve((_, response) => {
    const endpoints = {
      authorization_endpoint: 'http://id.internal/auth',
      token_endpoint: `${issuer}/token`,
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ issuer, ...endpoints }));
  });

  const strict = await startApp({ AUTH_OIDC_ISSUER: issuer });
  expect(await startSignIn(strict.origin)).toMatch(/\/login\?error=/);
  await expect
    .poll(() => eventsIn(strict.output(), 'insecure_address'))
    .toMatchObject([
      { level: 50, error: { message: expect.stringMatching(/^The authorization_endpoint .* HTTP_HOSTS/) } },
    ]);
  expect(eventsIn(strict.output(), 'http_allowed')).toEqual([]);
  await strict.stop();

  const lenient = await startApp({ AUTH_OIDC_ISSUER: issuer, HTTP_HOSTS: 'api,id.internal' });
  expect(await startSignIn(lenient.origin)).toMatch(/^http:\/\/id\.internal\/auth\?/);
  await expect
    .poll(() => eventsIn(lenient.output(), 'http_allowed'))
    .toMatchObject([
      { level: 40, host: 'api' },
      { level: 40, host: 'id.internal' },
    ]);
  await lenient.stop();
  expect(eventsIn(lenient.output(), 'insecure_address')).toEqual([]);
  await provider.close();
});
