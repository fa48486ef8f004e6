import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../packages/next-trpc-bff/src/session/record';
import {
  keyringFrom,
  newSessionToken,
  recordKeyOf,
  sealTokens,
} from '../packages/next-trpc-bff/src/session/secrets';

const keyring = keyringFrom(['a secret for measuring only, 32 characters']);

/** Tokens as a usual provider issues them, two JWTs and a random refresh token, sealed for a record. */
export const sealedSample = (key: string): string =>
  sealTokens(
    {
      accessToken: randomBytes(600).toString('base64url'),
      refreshToken: randomBytes(32).toString('base64url'),
      idToken: randomBytes(550).toString('base64url'),
      expiresAt: Date.now() + 300_000,
      renewAt: Date.now() + 270_000,
    },
    key,
    keyring,
  );

/** A session of a user, as one looks after the sign-in. */
export function sampleSession(subject: string): SessionRecord {
  const now = Date.now();
  const key = recordKeyOf(newSessionToken());
  return {
    key,
    publicId: randomBytes(12).toString('base64url'),
    subject,
    issuer: 'https://id.example.com',
    providerSid: randomBytes(16).toString('base64url'),
    profile: { name: 'Alice Archer', email: 'alice.archer@example.com', picture: null },
    userAgent:
      'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
    createdAt: now,
    seenAt: now,
    idleDeadline: now + 8 * 3_600_000,
    absoluteDeadline: now + 7 * 24 * 3_600_000,
    endedAt: null,
    endReason: null,
    tokenVersion: 1,
    sealedTokens: sealedSample(key),
  };
}
