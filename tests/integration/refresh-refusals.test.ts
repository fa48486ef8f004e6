import { afterEach, describe, expect, test } from 'vitest';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { callerFor } from '../support/calling';
import { configure } from '../support/environment';
import { type Refusal, startScriptedIssuer } from '../support/scripted-issuer';

const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });

/** A user whose access token has expired, so that the next call asks the provider first. */
async function dueForRenewal(): Promise<Headers> {
  const token = await startSession(
    {
      subject: 'alice',
      issuer: provider.origin,
      providerSid: null,
      profile: { name: null, email: null, picture: null },
      tokens: { accessToken: 'access', refreshToken: 'refresh', idToken: null, expiresAt: 1, renewAt: 1 },
    },
    new Headers(),
  );
  return browserHeaders(`bff-session=${token}`);
}

afterEach(() => {
  provider.refusal = null;
});

const INVALID_GRANT = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' };
const HTML = '<html>No.</html>';

describe('T18 a refresh refused with invalid_grant ends the session, whatever the status and the type, in the body or in a challenge', () => {
  test.each<[string, Refusal]>([
    ['400', { status: 400, body: INVALID_GRANT }],
    ['403, as Auth0 answers', { status: 403, body: INVALID_GRANT }],
    ['401', { status: 401, body: INVALID_GRANT }],
    ['404', { status: 404, body: INVALID_GRANT }],
    ['422', { status: 422, body: INVALID_GRANT }],
    ['401 with a challenge', { status: 401, challenge: 'Basic realm="id"', body: INVALID_GRANT }],
    ['400 with a challenge', { status: 400, challenge: 'Bearer', body: INVALID_GRANT }],
    ['a challenge that says it', { status: 401, challenge: 'Bearer realm="id", error="invalid_grant"' }],
    ['one of two challenges', { status: 401, challenge: 'Basic realm="id", Bearer error=invalid_grant' }],
    ['a challenge over HTML', { status: 401, challenge: 'Bearer error="invalid_grant"', body: HTML }],
    ['JSON that says it is text', { status: 400, type: 'text/plain', body: INVALID_GRANT }],
    ['JSON of a type of its own', { status: 403, type: 'application/problem+json', body: INVALID_GRANT }],
    ['JSON without a type', { status: 400, type: '', body: INVALID_GRANT }],
    ['a challenge over other JSON', { status: 401, challenge: 'Bearer error="invalid_grant"', body: {} }],
  ])('%s', async (_, refusal) => {
    const alice = await dueForRenewal();
    provider.refusal = refusal;
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await sessionState(alice)).toMatchObject({ status: 'dead', endReason: 'refresh-rejected' });
  });
});

describe('T9, T10 no other refusal ends a session', () => {
  const invalidClient = { error: 'invalid_client' };
  test.each<[string, Refusal]>([
    ['invalid_client', { status: 401, body: invalidClient }],
    ['invalid_client with a challenge', { status: 401, challenge: 'Basic', body: invalidClient }],
    [
      'a body that says more than its challenge',
      { status: 401, challenge: 'Bearer error="invalid_grant"', body: invalidClient },
    ],
    ['a challenge alone', { status: 401, challenge: 'Basic realm="id"', body: HTML }],
    ['a 403 of something in front', { status: 403, body: HTML }],
    ['a refusal without a code', { status: 400, body: { error: { code: 7 } } }],
    ['a 500 that says invalid_grant as text', { status: 500, type: 'text/plain', body: INVALID_GRANT }],
    ['a 500 that says invalid_grant', { status: 500, body: INVALID_GRANT }],
    [
      'a 503 with a challenge',
      { status: 503, challenge: 'Bearer error="invalid_grant"', body: INVALID_GRANT },
    ],
  ])('%s', async (_, refusal) => {
    const alice = await dueForRenewal();
    provider.refusal = refusal;
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect((await sessionState(alice)).status).toBe('live');
  });
});
