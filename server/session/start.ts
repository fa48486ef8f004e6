import { randomBytes } from 'node:crypto';
import { env } from '../env';
import { log } from '../log';
import { sessionStore } from './connection';
import { handlesIn, newHandle, recordKeyOf } from './cookie';
import type { Profile, SessionRecord, Tokens } from './record';
import { revokeInBackground } from './revocation';
import { sealTokens } from './seal';

/** What a completed sign-in says about the user. */
export interface SignIn {
  readonly subject: string;
  readonly issuer: string;
  readonly providerSid: string | null;
  readonly profile: Profile;
  readonly tokens: Tokens;
}

const MAX_USER_AGENT_CHARACTERS = 256;

/**
 * Starts a session: the only place where a record is created. The browser's previous session, if any, ends,
 * so that a handle planted before the sign-in is worth nothing after it.
 *
 * @param signIn - Who signed in, and the provider's tokens
 * @param headers - Headers of the request that completed the sign-in
 * @returns The new handle, for the session cookie
 * @throws {SessionStoreUnavailable} when the session could not be stored, or the previous one not ended; the sign-in then fails, and its tokens are revoked in the background
 */
export async function startSession(signIn: SignIn, headers: Headers): Promise<string> {
  const handle = newHandle();
  const key = recordKeyOf(handle);
  const now = Date.now();
  const record: SessionRecord = {
    key,
    publicId: randomBytes(12).toString('base64url'),
    subject: signIn.subject,
    issuer: signIn.issuer,
    providerSid: signIn.providerSid,
    profile: signIn.profile,
    userAgent: headers.get('user-agent')?.slice(0, MAX_USER_AGENT_CHARACTERS) ?? null,
    createdAt: now,
    seenAt: now,
    idleDeadline: now + env().SESSION_IDLE_SECONDS * 1000,
    absoluteDeadline: now + env().SESSION_ABSOLUTE_SECONDS * 1000,
    endedAt: null,
    endReason: null,
    tokenVersion: 1,
    sealedTokens: sealTokens(signIn.tokens, key),
  };
  const previous = handlesIn(headers);
  try {
    await sessionStore().create(record);
    for (const other of previous) await sessionStore().end(recordKeyOf(other), 'replaced', now);
  } catch (error) {
    // A provider may have given the previous session the same grant, and that session goes on.
    if (previous.length === 0) revokeInBackground({ record, tokens: signIn.tokens });
    throw error;
  }
  log().info({ event: 'session_started', issuer: signIn.issuer });
  return handle;
}
