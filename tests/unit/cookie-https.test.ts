import { expect, test } from 'vitest';
import { clearingCookies, sessionCookieAttributes } from '../../packages/next-trpc-bff/src/session/cookie';
import { sessionCookieName } from '../../packages/next-trpc-bff/src/session/secrets';
import { configure } from '../support/environment';

configure({ AUTH_URL: 'https://app.example.com' });

test('S10 over https the session cookie is bound to the host and cleared with the same attributes', () => {
  expect(sessionCookieName()).toBe('__Host-bff-session');
  expect(sessionCookieAttributes()).toEqual({ httpOnly: true, sameSite: 'lax', path: '/', secure: true });
  expect(clearingCookies(new Headers())).toEqual([
    '__Host-bff-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure',
  ]);
});
