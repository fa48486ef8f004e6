import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clearingCookies, hasSessionCookie } from '../../packages/next-trpc-bff/src/session/cookie';
import {
  isSessionToken,
  newSessionToken,
  recordKeyOf,
  sessionTokensIn,
} from '../../packages/next-trpc-bff/src/session/secrets';
import { configure } from '../support/environment';

configure();
const withCookie = (cookie: string) => new Headers({ cookie });

test('a new session token is well-formed, random, and hashes to another text', () => {
  const [one, two] = [newSessionToken(), newSessionToken()];
  expect(isSessionToken(one)).toBe(true);
  expect(one).not.toBe(two);
  expect(recordKeyOf(one)).toMatch(/^[\w-]{43}$/);
  expect(one).not.toContain(recordKeyOf(one));
});

test('S2 garbage is never a session token', () => {
  fc.assert(fc.property(fc.string(), (text) => !isSessionToken(text)));
  const sessionToken = newSessionToken();
  for (const spoiled of [
    sessionToken.slice(1),
    sessionToken.slice(0, -1),
    `${sessionToken}A`,
    sessionToken.replace('v1', 'v2'),
    ` ${sessionToken}`,
    `${sessionToken}\n`,
  ]) {
    expect(isSessionToken(spoiled)).toBe(false);
  }
});

test('S2 of duplicates the well-formed ones count, in order', () => {
  const [one, two] = [newSessionToken(), newSessionToken()];
  expect(
    sessionTokensIn(
      withCookie(`bff-session=garbage; bff-session=${one}; bff-session=${two}; bff-session=${one}`),
    ),
  ).toEqual([one, two]);
});

test('S2 a header full of session tokens causes a bounded number of reads', () => {
  const many = Array.from({ length: 100 }, () => `bff-session=${newSessionToken()}`).join('; ');
  expect(sessionTokensIn(withCookie(many))).toHaveLength(4);
});

test('cookies of similar names are not ours', () => {
  const sessionToken = newSessionToken();
  const headers = withCookie(
    `bff-session.0=${sessionToken}; bff-session-x=${sessionToken}; xbff-session=${sessionToken}; __Host-bff-session=${sessionToken}`,
  );
  expect(sessionTokensIn(headers)).toEqual([]);
  expect(hasSessionCookie(headers)).toBe(false);
});

test('L3 clearing names our cookie and only those legacy names that the request carries', () => {
  const headers = withCookie(
    'authjs.session-token.1=x; __Secure-next-auth.session-token=y; other=z; access_token=t; authjs.session-token.1=x',
  );
  expect(clearingCookies(headers)).toEqual([
    'bff-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
    'authjs.session-token.1=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
    '__Secure-next-auth.session-token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure',
    'access_token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0',
  ]);
});
