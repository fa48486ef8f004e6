import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLoginPath, logoutUrl, safeCallbackUrl } from '../../packages/next-trpc-bff/src/http/callback-url';
import { LOGIN_REASONS, loginUrl } from '../../packages/next-trpc-bff/src/session/login-reason';

test('a path of our own is kept, with query and fragment', () => {
  for (const path of [
    '/',
    '/notes',
    '/notes?q=%C3%A9&x=1',
    '/notes/1#end',
    '/api-docs',
    '/logouts',
    '/loginx',
    '/a..b/..c',
    '/notes?up=/../..',
  ]) {
    expect(safeCallbackUrl(path)).toBe(path);
  }
});

describe('L11 callbackUrl never leaves the origin, and never targets an endpoint', () => {
  test.each([
    'https://evil.example',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\tevil',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/./\\evil.example',
    '/%2F/evil.example',
    '/%5Cevil.example',
    '/..%2fneighbour',
    '/notes/%2e%2e%2f..%5c..%2Fneighbour',
    '/notes/x%2f..',
    '/%2fevil.example',
    'javascript:alert(1)',
    'evil',
    '',
    ' /notes',
    '/no tes',
    '/notes\u0000',
    '/%00',
    `/${'a'.repeat(3000)}`,
    '/api/trpc/x',
    '/api',
    '/API/x',
    '/%61pi/x',
    '/logout',
    '/logout?x',
    '/Logout',
    '/x/../logout',
    '/%6cogout',
    '/login',
    '/login?callbackUrl=/login',
    '/ä',
    'http:/notes',
    '/%',
    '/%E0%A4%A',
  ])('%j', (value) => {
    expect(safeCallbackUrl(value)).toBe('/');
  });

  test('values that are no text', () => {
    for (const value of [undefined, null, 1, ['/a', '/b'], {}]) expect(safeCallbackUrl(value)).toBe('/');
  });

  test('property: for any input a browser stays on the origin', () => {
    const parts = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '%2e',
      'evil.example',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '\n',
      ' ',
      'a',
      'http:',
      '%00',
      '\u2028',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(parts).map((list) => list.join('')),
          fc.array(parts).map((list) => `/${list.join('')}`),
          fc.webPath(),
        ),
        (value) => {
          const safe = safeCallbackUrl(value);
          const landed = new URL(safe, 'https://app.example');
          expect(landed.origin).toBe('https://app.example');
          expect(safe).toMatch(/^\/(?![/\\])/);
          expect(new URL(landed.pathname, 'https://app.example').origin).toBe('https://app.example');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test('the logout address contains the whole path', () => {
  expect(new URL(logoutUrl('/notes?a=1&b=%C3%BC#x'), 'http://x').searchParams.get('callbackUrl')).toBe(
    '/notes?a=1&b=%C3%BC#x',
  );
});

test('L13 the addresses of /logout and /login stay below 2,000 characters, whatever path they lead back to', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('a', '%5B', '&', '!', '/'),
      fc.integer({ min: 1, max: 2_500 }),
      fc.constantFrom(...LOGIN_REASONS),
      (piece, count, reason) => {
        const path = `/notes?${piece.repeat(count)}`;
        const addresses = [logoutUrl(path), loginUrl(path, reason)];
        for (const address of addresses) expect(address.length).toBeLessThan(2_000);
        const kept = addresses.map((address) => new URL(address, 'http://x').searchParams.get('callbackUrl'));
        expect([path, '/']).toContain(kept[0]);
        expect(kept[1] ?? '/').toBe(kept[0]);
        if (count <= 380) expect(kept[0]).toBe(path);
      },
    ),
    { examples: [['a', 1_800, 'expired']] },
  );
});

test('the login page is recognised by its whole path', () => {
  expect(['/login', '/login?x', '/login/'].every(isLoginPath)).toBe(true);
  expect(['/loginx', '/notes', '/a/login'].some(isLoginPath)).toBe(false);
});
