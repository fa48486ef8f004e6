import { randomBytes } from 'node:crypto';
import { describeError, env, log } from '../../runtime/process.js';
import type { SessionRecord } from '../../session/record.js';
import { newSessionToken, recordKeyOf, sealTokens, sessionTokensIn } from '../../session/secrets.js';
import { sessionStore } from '../../session/state.js';
import type { SignIn } from '../tokens/issuer-answers.js';
import { revokeInBackground } from '../tokens/revoke.js';
import { endSessionsBeyondLimit, sessionsOfUser } from '../user-sessions.js';

const MAX_USER_AGENT_CHARACTERS = 256;

/**
 * Starts a session: the only place where a record is created. The browser's previous session, if any, ends, so that a
 * session token planted before the sign-in is useless after it. So do the user's oldest ones beyond
 * `SESSIONS_PER_USER`; until then there may be one more.
 *
 * @param signIn - Who signed in, and the provider's tokens
 * @param headers - Headers of the request that completed the sign-in
 * @returns The new session token, for the cookie
 * @throws {SessionStoreUnavailable} when the session could not be stored, or the previous one not ended; the sign-in
 *   then fails, and its tokens are revoked in the background
 */
export async function startSession(signIn: SignIn, headers: Headers): Promise<string> {
  const previous = sessionTokensIn(headers);
  try {
    const now = Date.now();
    const sessionToken = newSessionToken();
    const record = newRecord(signIn, headers, recordKeyOf(sessionToken), now);
    await sessionStore().create({ ...record, createdAt: await timeOfCreation(signIn, now) });
    for (const other of previous) await sessionStore().endRecord(recordKeyOf(other), 'replaced', now);
    await keepLimit(signIn);
    log().info({ event: 'session_started', issuer: signIn.issuer });
    return sessionToken;
  } catch (error) {
    // The previous session may have the same grant at the provider, and that session goes on.
    if (previous.length === 0) revokeInBackground({ record: signIn, tokens: signIn.tokens });
    throw error;
  }
}

/** When the store fails here, the limit is enforced at the next sign-in; the user is signed in. */
async function keepLimit(signIn: SignIn): Promise<void> {
  try {
    await endSessionsBeyondLimit(signIn);
  } catch (error) {
    log().warn({ event: 'session_limit_exceeded', error: describeError(error) });
  }
}

/** Among the user's sessions the new one is the newest, although another process's clock may be ahead of ours. */
async function timeOfCreation(signIn: SignIn, now: number): Promise<number> {
  const [newest] = await sessionsOfUser(signIn);
  return newest ? Math.max(now, newest.createdAt + 1) : now;
}

function newRecord(signIn: SignIn, headers: Headers, key: string, now: number): SessionRecord {
  const { subject, issuer, providerSid, profile, tokens } = signIn;
  return {
    key,
    publicId: randomBytes(12).toString('base64url'),
    ...{ subject, issuer, providerSid, profile },
    userAgent: headers.get('user-agent')?.slice(0, MAX_USER_AGENT_CHARACTERS) ?? null,
    createdAt: now,
    seenAt: now,
    idleDeadline: now + env().SESSION_IDLE_SECONDS * 1000,
    absoluteDeadline: now + env().SESSION_ABSOLUTE_SECONDS * 1000,
    endedAt: null,
    endReason: null,
    tokenVersion: 1,
    sealedTokens: sealTokens(tokens, key),
  };
}
