import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { answerApiFault } from './api-fault';
import { abortWhenCallerLeaves, type DemoResponse, delay, parseJson, readBody, sendAnswer } from './http';
import { OpaqueTokens } from './opaque-tokens';
import type { DemoState } from './state';
import { checkPassword, type DemoUser } from './users';
import { WrongAttempts } from './wrong-attempts';

const BODY_LIMIT_BYTES = 10_000;

/** Where the API signs users in by itself, in the app's environment. */
export const LOGIN_PATHS = {
  UPSTREAM_LOGIN_PATH: '/login',
  UPSTREAM_REFRESH_PATH: '/refresh',
  UPSTREAM_LOGOUT_PATH: '/logout',
} as const;

const credentials = z.object({ login: z.string(), password: z.string() });
const presented = z.object({ refresh_token: z.string() });

type Endpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The API's own login: no identity provider, opaque tokens, answers in an envelope `{ data, message }`. */
export interface OwnLogin {
  /** Returns what answers at a path; `null` when it is none of the three. */
  endpointAt(pathname: string): Endpoint | null;
  /** Returns who sent a request; `null` when its Authorization header holds no valid opaque token. */
  authenticate(authorization: string | undefined): DemoUser | null;
  /** Makes the API reject a user's access tokens issued so far. */
  expire(sub: string): void;
  /** Ends everything a user has here. */
  revoke(sub: string): void;
  forgetWrongAttempts(): void;
}

/** Creates the login with no sessions. */
export function createOwnLogin(state: DemoState): OwnLogin {
  const tokens = new OpaqueTokens();
  const wrongAttempts = new WrongAttempts();

  async function login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { api: knob } = state.knobs;
    state.counters.loginRequests += 1;
    const callerLeft = abortWhenCallerLeaves(response);
    if (knob.delayMs) await delay(knob.delayMs, callerLeft);
    if (callerLeft.aborted) return;
    sendAnswer(
      response,
      knob.status === undefined ? await answerLogin(request) : answerApiFault(knob.status, knob),
    );
  }

  async function answerLogin(request: IncomingMessage): Promise<DemoResponse> {
    const input = await readInput(request, credentials);
    if (!input) return refused(422, 'The given data was invalid.');
    const waitSeconds = wrongAttempts.secondsToWait(input.login);
    if (waitSeconds > 0)
      return { ...refused(429, 'Too many attempts.'), headers: { 'retry-after': String(waitSeconds) } };
    const user = checkPassword(input.login, input.password);
    if (!user) {
      wrongAttempts.note(input.login);
      return refused(401, 'These credentials do not match.');
    }
    const { sub: id, name, email } = user;
    const grant = tokens.issue(user, state.knobs.accessTokenTtl);
    return inEnvelope({ ...grant, user: { id, name, email } });
  }

  async function refresh(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token: knob } = state.knobs;
    state.counters.tokenRequests += 1;
    const callerLeft = abortWhenCallerLeaves(response);
    const answer = knob.faultAt === 'after' ? await answerRefresh(request) : null;
    if (knob.delayMs) await delay(knob.delayMs, callerLeft);
    // Nobody waits any more: with `before`, the refresh token must stay unredeemed.
    if (callerLeft.aborted) return;
    if (knob.status !== undefined || knob.error !== undefined) {
      const status = knob.status ?? 400;
      return sendAnswer(response, refused(status, knob.error ?? STATUS_CODES[status] ?? 'Fault'));
    }
    const genuine = answer ?? (await answerRefresh(request));
    if (genuine.status === 200) state.counters.refreshes += 1;
    sendAnswer(response, genuine);
  }

  async function answerRefresh(request: IncomingMessage): Promise<DemoResponse> {
    const input = await readInput(request, presented);
    if (!input) return refused(422, 'The given data was invalid.');
    const { rotate, accessTokenTtl } = state.knobs;
    const grant = tokens.redeem(input.refresh_token, accessTokenTtl, rotate);
    if (typeof grant === 'object') {
      state.counters.redemptions += 1;
      return inEnvelope(grant);
    }
    if (grant === 'reused') state.counters.refreshReuses += 1;
    return refused(401, 'The refresh token is not valid.');
  }

  async function logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const input = await readInput(request, presented);
    if (!input) return sendAnswer(response, refused(422, 'The given data was invalid.'));
    tokens.endFamilyOf(input.refresh_token);
    state.counters.revocations += 1;
    sendAnswer(response, inEnvelope(null));
  }

  const endpoints = new Map<string, Endpoint>([
    [`/api${LOGIN_PATHS.UPSTREAM_LOGIN_PATH}`, login],
    [`/api${LOGIN_PATHS.UPSTREAM_REFRESH_PATH}`, refresh],
    [`/api${LOGIN_PATHS.UPSTREAM_LOGOUT_PATH}`, logout],
  ]);

  function counted(endpoint: Endpoint): Endpoint {
    return async (request, response) => {
      state.counters.apiRequests += 1;
      if (request.method === 'POST') return endpoint(request, response);
      sendAnswer(response, { ...refused(405, 'Use POST.'), headers: { allow: 'POST' } });
    };
  }

  return {
    endpointAt(pathname) {
      const endpoint = endpoints.get(pathname);
      return endpoint ? counted(endpoint) : null;
    },
    authenticate: (authorization) => tokens.ownerOf(/^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? ''),
    expire: (sub) => tokens.expireAccessTokensOf(sub),
    revoke: (sub) => tokens.endFamiliesOf(sub),
    forgetWrongAttempts: () => wrongAttempts.clear(),
  };
}

async function readInput<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T | null> {
  const input = schema.safeParse(parseJson((await readBody(request, BODY_LIMIT_BYTES)) ?? ''));
  return input.success ? input.data : null;
}

function inEnvelope(data: unknown): DemoResponse {
  return { status: 200, json: { data, message: 'ok' } };
}

function refused(status: number, message: string): DemoResponse {
  return { status, json: { message } };
}
