import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../../packages/next-trpc-bff/src/session/record';
import type { SessionStore } from '../../packages/next-trpc-bff/src/session/store';

/** A live record; times are around now. */
export function sampleRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now();
  return {
    key: randomBytes(32).toString('base64url'),
    publicId: randomBytes(12).toString('base64url'),
    subject: 'alice',
    issuer: 'http://localhost:4000',
    providerSid: 'sid-1',
    profile: { name: 'Alice', email: 'alice@example.test', picture: null },
    userAgent: 'test',
    createdAt: now,
    seenAt: now,
    idleDeadline: now + 60_000,
    absoluteDeadline: now + 600_000,
    endedAt: null,
    endReason: null,
    tokenVersion: 1,
    sealedTokens: 'v1.sealed',
    ...changes,
  };
}

/** Creates a sample record in a store, and returns it. */
export async function created(
  store: SessionStore,
  changes: Partial<SessionRecord> = {},
): Promise<SessionRecord> {
  const record = sampleRecord(changes);
  await store.create(record);
  return record;
}
