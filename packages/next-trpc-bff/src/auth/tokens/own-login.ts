import { z } from 'zod';
import { Deadline } from '../../runtime/bounds.js';
import { env } from '../../runtime/process.js';
import type { Tokens } from '../../session/record.js';
import { conventions } from '../../upstream/conventions.js';
import { errorOfAnswer, errorOfTransport, otherShape, UpstreamError } from '../../upstream/errors.js';
import type { UpstreamResponse } from '../../upstream/request.js';
import { isSuccess, send } from '../../upstream/transport.js';
import {
  ISSUER_TIMEOUT_MS,
  lifetime,
  type RefreshAnswer,
  type RevocationAnswer,
  type SignIn,
} from './issuer-answers.js';
import { type Credentials, loginMapping } from './login-mapping.js';

const issued = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  /** Seconds. */
  expires_in: z.number().nonnegative().nullish(),
});

const user = z.object({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  name: z.string().nullish(),
  email: z.string().nullish(),
  picture: z.string().nullish(),
});

const loginContent = issued.extend({ user });
const refreshContent = issued.extend({ user: user.pick({ id: true }).nullish() });

/** The API's answer to a login and password. */
export type LoginAnswer =
  | { readonly kind: 'granted'; readonly signIn: SignIn }
  | { readonly kind: 'wrong-password' }
  /** Too many attempts; `retryAfter` as the API sent it: seconds or an HTTP date. */
  | { readonly kind: 'throttled'; readonly retryAfter: string | null }
  /** No valid answer. The cause holds nothing that was typed or answered. */
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/**
 * Signs a user in by `POST UPSTREAM_LOGIN_PATH { login, password }`. Never throws: a failure is part of the answer.
 *
 * @param credentials - As typed
 * @param tracing - Headers to send along, the client's address among them, by which the API may throttle
 */
export async function logIn(
  credentials: Credentials,
  tracing: Readonly<Record<string, string>>,
): Promise<LoginAnswer> {
  const { UPSTREAM_LOGIN_PATH: path, UPSTREAM_URL: issuer, UPSTREAM_TIMEOUT_MS: timeoutMs } = env();
  try {
    if (path === undefined) throw new TypeError('UPSTREAM_LOGIN_PATH is not set.');
    const answer = await post(path, loginMapping().loginBody(credentials), tracing, timeoutMs);
    if (isOneOf(loginMapping().wrongPasswordStatuses, answer)) return { kind: 'wrong-password' };
    if (answer.status === 429) return { kind: 'throttled', retryAfter: answer.retryAfter };
    const content = contentOf(path, answer, loginContent);
    const { id: subject, name = null, email = null, picture = null } = content.user;
    const signIn = { subject, issuer, providerSid: null, profile: { name, email, picture } };
    return { kind: 'granted', signIn: { ...signIn, tokens: tokensFrom(content, null) } };
  } catch (cause) {
    return { kind: 'unavailable', cause };
  }
}

/**
 * Redeems a refresh token by `POST UPSTREAM_REFRESH_PATH { refresh_token }`; without that path every refresh token
 * counts as rejected.
 *
 * @param refreshToken - The session's current one; the API may rotate it
 * @param previous - The tokens in force, whose refresh token is kept when the answer has none
 */
export async function redeemAtUpstream(refreshToken: string, previous: Tokens): Promise<RefreshAnswer> {
  const { UPSTREAM_REFRESH_PATH: path } = env();
  if (path === undefined) return { kind: 'rejected' };
  try {
    const answer = await post(path, loginMapping().refreshBody(refreshToken));
    if (isOneOf(loginMapping().rejectedStatuses, answer)) return { kind: 'rejected' };
    const content = contentOf(path, answer, refreshContent);
    return { kind: 'granted', tokens: tokensFrom(content, previous), subject: content.user?.id ?? null };
  } catch (cause) {
    return {
      kind: 'failed',
      meaning: 'passing',
      cause,
      refreshToken: isRefusal(cause) ? 'unused' : 'uncertain',
    };
  }
}

/**
 * Signs a user out by `POST UPSTREAM_LOGOUT_PATH { refresh_token }` with the access token; without that path nothing is
 * sent.
 */
export async function revokeAtUpstream({ accessToken, refreshToken }: Tokens): Promise<RevocationAnswer> {
  const { UPSTREAM_LOGOUT_PATH: path } = env();
  if (path === undefined) return { kind: 'confirmed' };
  try {
    const headers = { authorization: `Bearer ${accessToken}` };
    const { status, retryAfter } = await post(path, loginMapping().logoutBody(refreshToken), headers);
    if (isSuccess(status)) return { kind: 'confirmed' };
    return { kind: 'refused', cause: errorOfAnswer(`POST ${path}`, status, retryAfter, undefined) };
  } catch (cause) {
    return { kind: 'failed', cause };
  }
}

/** Without a refresh path nothing can be renewed, so the token counts as valid until the API rejects it. */
function tokensFrom(content: z.output<typeof issued>, previous: Tokens | null): Tokens {
  const { expiresAt, renewAt } = lifetime(content.expires_in ?? undefined);
  return {
    accessToken: content.access_token,
    refreshToken: content.refresh_token ?? previous?.refreshToken ?? null,
    idToken: null,
    expiresAt,
    renewAt: env().UPSTREAM_REFRESH_PATH === undefined ? null : renewAt,
  };
}

async function post(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  timeoutMs = Math.min(ISSUER_TIMEOUT_MS, env().UPSTREAM_TIMEOUT_MS),
): Promise<UpstreamResponse> {
  const call = `POST ${path}`;
  const deadline = new Deadline();
  // Bounds the whole answer: a renewal must end before its lease.
  deadline.start(timeoutMs);
  return send(
    call,
    {
      method: 'POST',
      path,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      timeoutMs,
    },
    deadline,
  )
    .catch((cause: unknown) => {
      throw errorOfTransport(call, cause, undefined);
    })
    .finally(() => deadline.dispose());
}

function contentOf<Schema extends z.ZodType>(
  path: string,
  { status, retryAfter, payload }: UpstreamResponse,
  schema: Schema,
): z.output<Schema> {
  const call = `POST ${path}`;
  if (!isSuccess(status)) throw errorOfAnswer(call, status, retryAfter, undefined);
  const checked = schema.safeParse(loginMapping().answer(conventions().unwrap(payload)));
  if (checked.success) return checked.data;
  throw new UpstreamError('BAD_GATEWAY', call, `answered ${otherShape(checked.error)}`, { status });
}

const isOneOf = (statuses: readonly number[], answer: UpstreamResponse) =>
  statuses.includes(answer.status) || conventions().verdict(answer) === 'unauthenticated';

/** Whether the API refused before redeeming the token, or was not reached. */
function isRefusal(cause: unknown): boolean {
  if (!(cause instanceof UpstreamError)) return false;
  const { status } = cause.failure;
  return status === null ? cause.code === 'SERVICE_UNAVAILABLE' : status >= 400 && status <= 499;
}
