import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSession } from '../../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { redeemRefreshToken } from '../../packages/next-trpc-bff/src/auth/tokens/oidc';
import {
  REFUSALS,
  type RefusalLine,
} from '../../packages/next-trpc-bff/src/auth/tokens/provider/refusal-table';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { browserHeaders } from '../support/browser-headers';
import { callerFor } from '../support/calling';
import { configure } from '../support/environment';
import { keepLogLines } from '../support/log-lines';
import { type Refusal, startScriptedIssuer } from '../support/scripted-issuer';

const provider = await startScriptedIssuer();
configure({ AUTH_OIDC_ISSUER: provider.origin, AUTH_OIDC_ID: 'the-client' });
const logLines = keepLogLines();

const expired = { accessToken: 'access', refreshToken: 'refresh', idToken: null, expiresAt: 1, renewAt: 1 };

/** A user whose access token has expired, so that the next call asks the provider first. */
async function dueForRenewal(): Promise<Headers> {
  const profile = { name: null, email: null, picture: null };
  const signIn = { subject: 'alice', issuer: provider.origin, providerSid: null, profile, tokens: expired };
  return browserHeaders(`bff-session=${await startSession(signIn, new Headers())}`);
}

beforeEach(() => {
  logLines.length = 0;
});
afterEach(() => {
  provider.refusal = null;
});

const titleOf = ({ who, status, body, means }: RefusalLine) =>
  `${who}: ${status} ${JSON.stringify(body)} is ${means}`;
const lines = REFUSALS.map((line): [string, RefusalLine] => [titleOf(line), line]);
const CODE_ALONE = REFUSALS.filter(
  ({ body }) => Object.keys(body).join() === 'error' && typeof body['error'] === 'string',
);
const codes = [...new Map(CODE_ALONE.map((line) => [String(line.body['error']), line.means]))];

describe('T18 what a provider says to a refresh is sorted into over, ours to mend and passing', () => {
  test.each(lines)('%s', async (_, { means, status, body }) => {
    const alice = await dueForRenewal();
    provider.refusal = { status, body };
    const code = means === 'over' ? 'UNAUTHORIZED' : 'SERVICE_UNAVAILABLE';
    await expect(callerFor(alice).notes.list({})).rejects.toMatchObject({ code });
    expect((await sessionState(alice)).status).toBe(means === 'over' ? 'dead' : 'live');
    const refusal = { name: 'IdentityProviderFailed', status, oauthError: expect.any(String) };
    expect(logLines).toContainEqual(
      means === 'over'
        ? expect.objectContaining({ event: 'refresh_rejected', error: expect.objectContaining(refusal) })
        : expect.objectContaining({
            event: 'refresh_failed',
            meaning: means,
            error: expect.objectContaining(refusal),
          }),
    );
  });

  test('each line names its source, or says that it has none', () => {
    const source = /^(?:https:\/\/\S+|[\w.-]+\/[\w.-]+#\d+|unsourced)$/;
    for (const line of REFUSALS) expect(line.source, titleOf(line)).toMatch(source);
  });

  test('ours to mend is an alert with the code, for as many sessions as there are, and none of them ends', async () => {
    provider.refusal = {
      status: 401,
      body: { error: 'invalid_client', error_description: 'Bad secret: s3cr3t' },
    };
    const users = await Promise.all([dueForRenewal(), dueForRenewal()]);
    for (const user of users)
      await callerFor(user)
        .notes.list({})
        .catch(() => null);
    for (const user of users) expect((await sessionState(user)).status).toBe('live');
    const alerts = logLines.filter(({ event }) => event === 'refresh_failed');
    const error = expect.objectContaining({ status: 401, oauthError: 'invalid_client' });
    expect(alerts).toEqual(Array(2).fill(expect.objectContaining({ level: 50, meaning: 'ours', error })));
    expect(JSON.stringify(logLines)).not.toContain('s3cr3t');
  });
});

const answerTo = async (refusal: Refusal) => {
  provider.refusal = refusal;
  const answer = await redeemRefreshToken('refresh', expired);
  if (answer.kind === 'granted') return 'granted';
  return answer.kind === 'rejected' ? 'over' : answer.meaning;
};

describe('T18 a code means the same in whatever form and status it comes', () => {
  const type = 'application/x-www-form-urlencoded';
  const forms: [string, (code: string) => Refusal][] = [
    ['as a form in a 200', (error) => ({ status: 200, type, body: `${new URLSearchParams({ error })}` })],
    ['as a form', (error) => ({ status: 400, type, body: `${new URLSearchParams({ error })}` })],
    ['as JSON in a 200', (error) => ({ status: 200, body: { error, access_token: null } })],
    ['as JSON that is called HTML', (error) => ({ status: 400, body: JSON.stringify({ error }) })],
    ['in an error object', (code) => ({ status: 400, body: { error: { code, message: 'No.' } } })],
    ['as the type of an error object', (type_) => ({ status: 401, body: { error: { type: type_ } } })],
    ['in a list of errors', (code) => ({ status: 422, body: { errors: [{ id: 7, code }] } })],
    ['as a message', (message) => ({ status: 400, body: { statusCode: 400, message } })],
    ['as JSON with a number as text', (error) => ({ status: 400, body: { status: '400', error } })],
    ['in capitals', (code) => ({ status: 400, body: { code: code.toUpperCase() } })],
    ['with hyphens', (code) => ({ status: 400, body: { code: code.replaceAll('_', '-') } })],
    ['with another 4xx', (error) => ({ status: 403, body: { error } })],
    [
      'in a challenge',
      (code) => ({ status: 401, challenge: `Bearer realm="x", error="${code}"`, body: '<p>' }),
    ],
  ];
  test.each(forms)('%s', async (_, form) => {
    for (const [code, means] of codes) expect([code, await answerTo(form(code))]).toEqual([code, means]);
  });
});

describe('T18 what says nothing about the token is passing', () => {
  test.each([408, 429, 500, 502, 503, 504])('%i, whatever the body says', async (status) => {
    expect(await answerTo({ status, body: { error: 'invalid_grant' } })).toBe('passing');
    expect(await answerTo({ status, body: '<html>' })).toBe('passing');
  });
  test.each<[string, Refusal]>([
    ['a redirection', { status: 302, body: { error: 'invalid_grant' } }],
    ['an empty 200', { status: 200, body: '' }],
    ['a 200 of a captive portal', { status: 200, body: '<html>Sign in to the network</html>' }],
    ['a 200 of another kind', { status: 200, body: { hello: 'world' } }],
  ])('%s', async (_, refusal) => {
    expect(await answerTo(refusal)).toBe('passing');
  });
});

describe('T18 where two lines fit', () => {
  test.each<[string, string, Refusal]>([
    [
      'ours',
      'a text that is another code',
      { status: 401, body: { error: 'invalid_client', error_description: 'invalid_grant' } },
    ],
    [
      'passing',
      'a word in another member',
      { status: 400, body: { error: 'temporarily_unavailable', hint: 'invalid_grant' } },
    ],
    [
      'over',
      'a text that has a line of its own with the code',
      { status: 403, body: { error: 'unauthorized_client', error_description: 'refresh_token is invalid' } },
    ],
  ])('the answer is %s by its own code, not by %s', async (meaning, _, refusal) => {
    expect(await answerTo(refusal)).toBe(meaning);
  });
});

describe('T18 without an endpoint, or with a page in front of it, nothing is said about the token', () => {
  test.each<[string, Refusal]>([
    ['a 404 of a router', { status: 404, body: '404 page not found' }],
    ['a 404 page', { status: 404, body: '<html>Not found</html>' }],
    ['a 405 without a word', { status: 405 }],
    ['a 410', { status: 410, body: '<p>Gone' }],
    [
      'a 403 with a page, as of a firewall or of Google’s limit of requests',
      { status: 403, body: '<html>No.</html>' },
    ],
  ])('%s is passing', async (_, refusal) => {
    expect(await answerTo(refusal)).toBe('passing');
  });
  test('a 404 with an answer in JSON is a refusal', async () => {
    expect(await answerTo({ status: 404, body: { message: 'No such token.' } })).toBe('unknown');
    expect(await answerTo({ status: 404, body: { error: 'invalid_grant' } })).toBe('over');
  });
});

test.each<[string, Refusal]>([
  ['a number in a member of another name', { status: 400, body: { error: 'nope', trace: 40030 } }],
  ['such a number as text', { status: 403, body: { code: 403, trace: '40030' } }],
  [
    'a text about a token that is a part of another',
    { status: 403, body: { message: 'Too many requests with an invalid refresh token.' } },
  ],
  [
    'a challenge whose text only mentions a code',
    { status: 401, challenge: 'Basic realm="no error=invalid_grant here"' },
  ],
  ['a code that nobody knows', { status: 400, body: { error: 'computer_says_no' } }],
  ['a request that it calls invalid, and says no more', { status: 400, body: { error: 'invalid_request' } }],
  ['a word within another code', { status: 400, body: { error: 'invalid_grant_format' } }],
  [
    'a text that only reminds of one',
    { status: 400, body: { error: 'nope', error_description: 'Invalid grant type.' } },
  ],
  ['HTML', { status: 400, body: '<html>No.</html>' }],
  ['nothing', { status: 400 }],
  ['a 403 without a word', { status: 403 }],
])('T22 nobody understands %s', async (_, refusal) => {
  expect(await answerTo(refusal)).toBe('unknown');
});

test('S1 of a refusal that nobody understands no text is logged, and no code that may be a token', async () => {
  const secrets = ['eyJhbGciOi.secret', 'tGzv3JOkF0XG5Qx2', '0123456789', 'the refresh token abc'];
  for (const error of secrets) {
    const alice = await dueForRenewal();
    provider.refusal = { status: 400, body: { error, error_description: error } };
    await callerFor(alice)
      .notes.list({})
      .catch(() => null);
  }
  expect(logLines.filter(({ event }) => event === 'refresh_failed')).toHaveLength(secrets.length);
  for (const secret of secrets) expect(JSON.stringify(logLines)).not.toContain(secret);
});
