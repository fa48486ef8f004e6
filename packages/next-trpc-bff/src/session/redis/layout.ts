import { createHash } from 'node:crypto';
import type { EndReason, SessionRecord } from '../record.js';
import { GRACE_MS } from '../store.js';

/** What never changes in a session, kept as JSON in one field. */
export type Birth = Pick<
  SessionRecord,
  'publicId' | 'subject' | 'issuer' | 'providerSid' | 'profile' | 'userAgent' | 'createdAt'
>;

/** The hash of a session. */
export interface Fields {
  readonly birth: string;
  readonly seenAt: string;
  readonly idleDeadline: string;
  readonly absoluteDeadline: string;
  readonly tokenVersion: string;
  readonly sealedTokens: string;
  readonly endedAt?: string;
  readonly endReason?: EndReason;
}

const hash = (...parts: string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Returns the name of a session's hash. */
export const recordName = (key: string) => `bff:{${key}}`;

/** Returns the name of the index of a user's sessions. */
export const subjectIndex = (issuer: string, subject: string) => `bff:subject:{${hash(issuer, subject)}}`;

/** Returns the name of the index of the sessions that began in one session at the provider. */
export const sidIndex = (issuer: string, sid: string) => `bff:sid:{${hash(issuer, sid)}}`;

/** Returns the name of what is remembered of a name. */
export const memoryName = (name: string) => `bff:once:{${hash(name)}}`;

/** Returns the names of the indexes that a session is in. */
export const indexesOf = ({ issuer, subject, providerSid }: Birth): string[] => [
  subjectIndex(issuer, subject),
  ...(providerSid === null ? [] : [sidIndex(issuer, providerSid)]),
];

/** An entry contains the creation time of its session: a young one without a record may still get it. */
export const entryOf = ({ createdAt }: Birth, key: string): string => `${createdAt}:${key}`;

/** Returns the key of an entry's session. */
export const keyIn = (entry: string): string => entry.slice(entry.indexOf(':') + 1);

/** Returns whether an entry's session has had the time to get its record. */
export const isSettled = (entry: string): boolean => Number.parseInt(entry, 10) < Date.now() - GRACE_MS;

/** Returns a session's record, read from its hash. */
export function recordFrom(key: string, fields: Fields): SessionRecord {
  const birth: Birth = JSON.parse(fields.birth);
  return {
    key,
    ...birth,
    seenAt: Number(fields.seenAt),
    idleDeadline: Number(fields.idleDeadline),
    absoluteDeadline: Number(fields.absoluteDeadline),
    endedAt: fields.endedAt === undefined ? null : Number(fields.endedAt),
    endReason: fields.endReason ?? null,
    tokenVersion: Number(fields.tokenVersion),
    sealedTokens: fields.sealedTokens,
  };
}
