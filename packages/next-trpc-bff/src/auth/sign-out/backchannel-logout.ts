import { errors, type JWTPayload } from 'jose';
import { z } from 'zod';
import { readForm } from '../../http/body.js';
import { NO_STORE, TRY_AGAIN } from '../../http/responses.js';
import type { Env } from '../../runtime/env.js';
import { describeError, env, log } from '../../runtime/process.js';
import { sessionStore } from '../../session/state.js';
import { isSessionStoreUnavailable } from '../../session/store.js';
import { verifySigned } from '../tokens/provider/signed.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_BODY_BYTES = 65_536;

/** How old a logout token may be, s, and how far the provider's clock may be from ours, s. */
const MAX_AGE_SECONDS = 120;
const CLOCK_TOLERANCE_SECONDS = 60;

/** Neither `none` nor a shared secret: the key must be one that the provider publishes. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Errors of the library when the provider did not answer with its keys: the token may be valid. */
const KEYS_UNREADABLE: readonly string[] = [
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JOSEError.code,
];

const claims = z.object({
  iat: z.number(),
  jti: z.string().min(1),
  sub: z.string().min(1).optional(),
  sid: z.string().min(1).optional(),
  nonce: z.undefined().optional(),
  events: z.object({ [EVENT]: z.object({}) }),
});

/**
 * Answers the identity provider's `POST /api/backchannel-logout`: ends the sessions that began in the provider
 * session named by `sid`, or else all sessions of the user named by `sub`, wherever they are used.
 *
 * @param request - A form with a signed `logout_token`
 * @returns 200 when it was carried out, whether or not a session was left to end; 404 without an identity provider; 400 for a token that is not valid in every respect, or was seen before; 413 past 64 KB; 503 while store or provider do not answer
 * @see https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation
 */
export async function answerBackchannelLogout(request: Request): Promise<Response> {
  const { oidc } = env();
  if (!oidc) return answer(404, 'There is no identity provider.');
  try {
    const form = await readForm(request, MAX_BODY_BYTES);
    if (!form) return answer(413, 'The body is too large.');
    await endSessionsNamedBy(form.get('logout_token') ?? '', oidc);
    return answer(200);
  } catch (error) {
    if (error instanceof errors.JOSEError && !KEYS_UNREADABLE.includes(error.code)) return refused(error);
    if (error instanceof z.ZodError || error instanceof Replay) return refused(error);
    log().error({ event: 'backchannel_logout_failed', error: describeError(error) });
    if (isSessionStoreUnavailable(error)) return answer(503, 'Sessions cannot be changed right now.');
    return answer(503, 'The keys of the identity provider cannot be read right now.');
  }
}

class Replay extends Error {
  override readonly name = 'Replay';
  readonly code = 'LOGOUT_TOKEN_REPLAYED';
}

async function endSessionsNamedBy(token: string, oidc: NonNullable<Env['oidc']>): Promise<void> {
  const payload = await verifySigned(token, {
    audience: oidc.AUTH_OIDC_ID,
    algorithms: ALGORITHMS,
    maxTokenAge: MAX_AGE_SECONDS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  const { iat, jti, sub, sid } = namedSessions(payload);
  // By then the token is too old whatever its `exp`, also for another process whose clock is as far behind as ours is
  // ahead.
  const forgotten = iat + MAX_AGE_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS;
  const name = `logout-token:${jti}`;
  if (await sessionStore().hasSeen(name)) throw new Replay('This logout token was used before.');

  const issuer = oidc.AUTH_OIDC_ISSUER;
  const ended = sid
    ? await sessionStore().endByProviderSid(issuer, sid, 'back-channel', Date.now())
    : await sessionStore().endBySubject(issuer, sub ?? '', 'back-channel', Date.now());
  log().info({ event: 'backchannel_logout', ended });
  // Marked last: after a failure of the store the provider may send the same token again.
  if (!(await sessionStore().markSeen(name, forgotten * 1000)))
    throw new Replay('This logout token is being used twice.');
}

function namedSessions(payload: JWTPayload) {
  return claims
    .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, 'names neither sub nor sid')
    .parse(payload);
}

function refused(error: Error): Response {
  log().warn({ event: 'backchannel_logout_refused', error: { name: error.name } });
  return answer(400, 'The logout token is not valid.');
}

function answer(status: number, message?: string): Response {
  const headers = status === 503 ? TRY_AGAIN : NO_STORE;
  if (message === undefined) return new Response(null, { status, headers });
  const error = status < 500 ? 'invalid_request' : 'temporarily_unavailable';
  return Response.json({ error, error_description: message }, { status, headers });
}
