import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ProviderStore } from './adapter';
import { zeroCounters } from './counters';
import { type DemoResponse, parseJson, readBody, sendAnswer } from './http';
import { knobsInput, turnKnobs } from './knobs';
import type { OwnLogin } from './own-login';
import { PAGE_HEADERS, page } from './page';
import type { DemoState } from './state';
import { findUser } from './users';

const BODY_LIMIT_BYTES = 10_000;

const userInput = z.strictObject({
  user: z.string().refine((sub) => findUser(sub) !== null, 'is not a user of the demo: use alice or bob'),
});

/** Serves `/__demo/*`, where people and tests read the counters, turn the knobs and end what users have. */
export function createControl(state: DemoState, store: ProviderStore, ownLogin: OwnLogin) {
  const commands: Record<string, (request: IncomingMessage) => DemoResponse | Promise<DemoResponse>> = {
    'GET /__demo': () => ({ status: 200, html: CONTROL_PAGE, headers: PAGE_HEADERS }),
    'GET /__demo/counters': () => ({
      status: 200,
      json: { ...state.counters, openEventStreams: state.changes.openStreams },
    }),
    'GET /__demo/knobs': () => ({ status: 200, json: state.knobs }),
    'POST /__demo/reset': () => {
      state.counters = zeroCounters();
      ownLogin.forgetWrongAttempts();
      return { status: 200, json: state.counters };
    },
    'POST /__demo/knobs': (request) =>
      withInput(request, knobsInput, (input) => {
        state.knobs = turnKnobs(state.knobs, input);
        return state.knobs;
      }),
    'POST /__demo/expire': (request) =>
      withInput(request, userInput, ({ user }) => {
        state.issuedTokens.rejectAllOf(user);
        ownLogin.expire(user);
        return { expired: user };
      }),
    'POST /__demo/revoke': (request) =>
      withInput(request, userInput, ({ user }) => {
        store.removeAccount(user);
        state.issuedTokens.rejectAllOf(user);
        ownLogin.revoke(user);
        return { revoked: user };
      }),
    'POST /__demo/drop': () => ({ status: 200, json: { dropped: state.changes.drop() } }),
  };

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const command = commands[`${request.method} ${url.pathname.replace(/\/$/, '')}`];
    const unknown = {
      status: 404,
      json: { message: `Unknown command; there are: ${Object.keys(commands).join(', ')}.` },
    };
    sendAnswer(response, command ? await command(request) : unknown);
  };
}

async function withInput<T>(
  request: IncomingMessage,
  schema: z.ZodType<T>,
  run: (input: T) => unknown,
): Promise<DemoResponse> {
  const input = schema.safeParse(parseJson((await readBody(request, BODY_LIMIT_BYTES)) ?? ''));
  if (input.success) return { status: 200, json: run(input.data) };
  const message = input.error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ');
  return { status: 400, json: { message } };
}

const CONTROL_PAGE = page(
  'Control panel',
  `<p>Commands that make the demo misbehave. Send them with curl, from this machine.</p>
<pre>
GET  /__demo/counters   what happened since the start or the last reset
POST /__demo/reset      sets the counters to zero, forgets wrong passwords

GET  /__demo/knobs      the knobs' positions
POST /__demo/knobs      turns the named ones; {} resets all
     {"api":{"status":500,"delayMs":0,"body":"html"|"json"|"empty","message":"…"}}
     {"api":{"attachmentBytes":1000000000}}   serves every attachment with so many bytes
     {"token":{"status":503,"delayMs":0,"error":"invalid_grant","faultAt":"before"|"after"}}
     {"accessTokenTtl":60}   seconds, for tokens issued from now on
     {"rotate":false}        a refresh answers without a new refresh token

POST /__demo/expire     {"user":"alice"}   the API rejects her access tokens issued so far
POST /__demo/revoke     {"user":"alice"}   ends her grants, tokens and provider session
POST /__demo/drop       breaks open event streams off
</pre>
<p><a href="/__demo/counters">Counters</a> · <a href="/__demo/knobs">Knobs</a></p>`,
  'wide',
);
