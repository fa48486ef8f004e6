import { expect, test } from 'vitest';
import { keyringFrom, openTokens, sealTokens } from '../../packages/next-trpc-bff/src/session/secrets';

const tokens = { accessToken: 'access', refreshToken: 'refresh', idToken: null, expiresAt: 1, renewAt: 0 };
const [older, newer] = ['o'.repeat(32), 'n'.repeat(32)];

test('sealed tokens are decrypted with the same key for the same record', () => {
  expect(openTokens(sealTokens(tokens, 'key', keyringFrom([newer])), 'key', keyringFrom([newer]))).toEqual(
    tokens,
  );
});

test('sealing twice gives two texts, and neither shows a token', () => {
  const [one, two] = [
    sealTokens(tokens, 'key', keyringFrom([newer])),
    sealTokens(tokens, 'key', keyringFrom([newer])),
  ];
  expect(one).not.toBe(two);
  expect(Buffer.from(one.slice(3), 'base64url').toString('latin1')).not.toContain('access');
});

test('S5 after a rotation tokens sealed with the older secret are decrypted, until that is dropped', () => {
  const sealed = sealTokens(tokens, 'key', keyringFrom([older]));
  expect(openTokens(sealed, 'key', keyringFrom([newer, older]))).toEqual(tokens);
  expect(openTokens(sealed, 'key', keyringFrom([newer]))).toBeNull();
});

test('sealed tokens moved to another record are not decrypted', () => {
  expect(
    openTokens(sealTokens(tokens, 'mine', keyringFrom([newer])), 'yours', keyringFrom([newer])),
  ).toBeNull();
});

test('S2 tampered tokens are not decrypted', () => {
  const sealed = sealTokens(tokens, 'key', keyringFrom([newer]));
  for (let at = 3; at < sealed.length; at += 1) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    const isSameBytes = Buffer.from(changed.slice(3), 'base64url').equals(
      Buffer.from(sealed.slice(3), 'base64url'),
    );
    if (!isSameBytes) expect(openTokens(changed, 'key', keyringFrom([newer]))).toBeNull();
  }
  for (const garbage of ['', 'v1', 'v1.', 'v2.abcd', 'v1.short', '...']) {
    expect(openTokens(garbage, 'key', keyringFrom([newer]))).toBeNull();
  }
});
