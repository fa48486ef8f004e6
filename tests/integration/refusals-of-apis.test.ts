import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { configureBff } from '../../packages/next-trpc-bff/src/procedures/configure';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import type { Conventions } from '../../packages/next-trpc-bff/src/upstream/conventions';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { layerFollowing } from '../support/documented-code';
import { json, scriptedApi, status } from '../support/scripted-api';
import { signIn, startUpstream } from '../support/signed-in';

const api = await scriptedApi();
const upstream = await startUpstream({ UPSTREAM_URL: api.origin });
const copy = layerFollowing('docs/extending.md');
const endpoints = router({ ask: endpoint('POST /ask', { output: z.unknown() }) });
const module = z.object({ verdict: z.custom<Conventions['verdict']>() });

const graphqlError = (code: string) =>
  json({ data: null, errors: [{ message: 'No.', extensions: { code } }] });
const redirect = (location: string) => status(302, { location });
const bearer = (rest: string, code: number) => status(code, { 'www-authenticate': `Bearer ${rest}` });

const problem = (code: number) =>
  json({ title: 'No.', status: code }, code, { 'content-type': 'application/problem+json' });

/** What each says, as its own default code writes it. */
const ANSWERS = [
  ['graphql', 'unauthenticated', 'a code of Apollo Server', graphqlError('UNAUTHENTICATED')],
  ['graphql', 'unauthenticated', 'a code of Hot Chocolate', graphqlError('AUTH_NOT_AUTHENTICATED')],
  ['graphql', 'forbidden', 'a code of Apollo Server', graphqlError('FORBIDDEN')],
  ['graphql', 'accepted', 'another error beside data', json({ data: { a: 1 }, errors: [{ message: 'x' }] })],
  ['graphql', 'accepted', 'data', json({ data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } })],
  ['laravel', 'unauthenticated', 'the guard of an API', json({ message: 'Unauthenticated.' }, 401)],
  ['laravel', 'unauthenticated', 'an expired page', json({ message: 'CSRF token mismatch.' }, 419)],
  ['laravel', 'unauthenticated', 'the guard of a web route', redirect('http://laravel.test/login')],
  ['laravel', 'forbidden', 'password.confirm', json({ message: 'Password confirmation required.' }, 423)],
  ['laravel', 'forbidden', 'a policy', json({ message: 'This action is unauthorized.' }, 403)],
  ['laravel', 'accepted', 'another redirect', redirect('http://laravel.test/login/history')],
  [
    'spring',
    'unauthenticated',
    'an expired token',
    bearer(
      'error="invalid_token", error_description="An error occurred while attempting to decode the Jwt: Jwt expired at 2026-11-28T10:00:00Z", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"',
      401,
    ),
  ],
  ['spring', 'unauthenticated', 'a form login', redirect('http://spring.test/login')],
  [
    'spring',
    'unauthenticated',
    'an OAuth 2.0 login',
    redirect('http://spring.test/oauth2/authorization/okta'),
  ],
  [
    'spring',
    'forbidden',
    'a missing authority',
    bearer(
      'error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token.", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"',
      403,
    ),
  ],
  ['spring', 'accepted', 'a redirect elsewhere', redirect('http://spring.test/notes/login-help')],
  [
    'aspnet',
    'unauthenticated',
    'an expired token',
    bearer('error="invalid_token", error_description="The token expired at \'11/28/2026 10:00:00\'"', 401),
  ],
  [
    'aspnet',
    'unauthenticated',
    'cookie authentication',
    redirect('http://aspnet.test/Account/Login?ReturnUrl=%2Fask'),
  ],
  [
    'aspnet',
    'forbidden',
    'cookie authentication',
    redirect('http://aspnet.test/Account/AccessDenied?ReturnUrl=%2Fask'),
  ],
  ['aspnet', 'forbidden', 'a policy', problem(403)],
  [
    'aspnet',
    'forbidden',
    'a claims challenge',
    bearer(
      'realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="',
      401,
    ),
  ],
  ['aspnet', 'accepted', 'a conflict', problem(409)],
] as const;

const OUTCOMES = {
  accepted: { codes: ['OK', 'BAD_GATEWAY', 'CONFLICT'], session: 'live', asked: 1, refreshes: 0 },
  forbidden: { codes: ['FORBIDDEN'], session: 'live', asked: 1, refreshes: 0 },
  unauthenticated: { codes: ['UNAUTHORIZED'], session: 'dead', asked: 2, refreshes: 1 },
};

test.each(ANSWERS)('B13 B18 the recipe for %s reads %s from %s', async (name, verdict, _, answer) => {
  const loaded: unknown = await import(pathToFileURL(join(copy, `server/verdicts/${name}.ts`)).href);
  configureBff({ conventions: module.parse(loaded) });
  const alice = await signIn(upstream, 'alice');
  await upstream.control('reset');
  api.answering(answer);
  const caller = createCallerFactory(endpoints)(createContext({ headers: alice }));
  const code = await caller.ask().then(
    () => 'OK',
    (error: unknown) => Object(error).code,
  );
  const { codes, session, asked, refreshes } = OUTCOMES[verdict];
  expect(codes).toContain(code);
  expect(api.lines).toHaveLength(asked);
  expect((await sessionState(alice)).status).toBe(session);
  expect(await upstream.counters()).toMatchObject({ refreshes });
});
