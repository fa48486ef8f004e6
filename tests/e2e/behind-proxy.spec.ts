import { expect, test } from '@playwright/test';
import { startApp } from '../support/app';
import { plainRequest } from '../support/plain-http';

const AUTH_URL = 'https://app.example.com';
const HOPS = {
  host: 'internal:8080',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-port': '1',
};

test('L12 addresses are right behind a proxy with another host, scheme and port', async () => {
  const app = await startApp({ AUTH_URL });
  const visits: [path: string, cookie: string, location: RegExp][] = [
    ['/notes?x=1', '', /^\/login\?callbackUrl=%2Fnotes%3Fx%3D1$/],
    [
      '/logout?callbackUrl=/notes',
      '__Host-bff-session=garbage',
      /^\/login\?reason=expired&callbackUrl=%2Fnotes$/,
    ],
    ['/notes', '__Host-bff-session=garbage', /^\/logout\?callbackUrl=%2Fnotes$/],
    ['/login', '__Host-bff-session=garbage', /^\/logout\?callbackUrl=%2F&reason=expired$/],
    ['/api/auth/callback/oidc?code=x&state=y', '', /^\/login\?reason=failed$/],
  ];
  for (const [path, cookie, location] of visits) {
    const answer = await plainRequest(app.origin + path, { headers: { ...HOPS, ...(cookie && { cookie }) } });
    expect(answer.location, path).toMatch(location);
    for (const line of answer.cookies.filter((text) => text.startsWith('__Host-')))
      expect(line).toMatch(/; Secure/i);
  }
  await app.stop();
});
