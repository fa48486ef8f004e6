import { expect, test } from 'vitest';
import { stepUpOf } from '../../packages/next-trpc-bff/src/client/step-up';
import { challengesIn } from '../../packages/next-trpc-bff/src/http/challenges';
import { stepUpIn } from '../../packages/next-trpc-bff/src/http/step-up';

const stepUp = (header: string | string[]) => stepUpIn({ 'www-authenticate': header });
const nothing = { acrValues: [], maxAge: null, scope: [], claims: null };

test('B18 a stronger sign-in is read as RFC 9470 writes it', () => {
  const header =
    'Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="urn:loa:3 myACR", max_age="5"';
  expect(stepUp(header)).toEqual({
    error: 'insufficient_user_authentication',
    acrValues: ['urn:loa:3', 'myACR'],
    maxAge: 5,
    scope: [],
    claims: null,
  });
});

test('B18 more scope is read as RFC 6750 and Spring write it', () => {
  expect(stepUp('Bearer realm="x",error="insufficient_scope",scope="notes:write notes:read"')).toEqual({
    ...nothing,
    error: 'insufficient_scope',
    scope: ['notes:write', 'notes:read'],
  });
  const spring =
    'Bearer error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token.", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"';
  expect(stepUp(spring)).toEqual({ ...nothing, error: 'insufficient_scope' });
});

test('B18 a claims challenge is read as Microsoft writes it', () => {
  const header =
    'Bearer realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="';
  expect(stepUp(header)).toEqual({
    ...nothing,
    error: 'insufficient_claims',
    claims: 'eyJhY2Nlc3NfdG9rZW4iOnt9fQ==',
  });
});

test.each([
  ['without quotes', 'Bearer error=insufficient_scope, scope=notes'],
  ['without commas', 'Bearer realm="x" error="insufficient_scope" scope="notes"'],
  ['in capitals', 'BEARER ERROR="insufficient_scope", Scope="notes"'],
  ['after others', 'Negotiate, Basic realm="a, b=\\"c\\"", Bearer error="insufficient_scope", scope="notes"'],
  ['after credentials', 'Negotiate dG9rZW4=, DPoP algs="ES256", error="insufficient_scope", scope="notes"'],
  ['in headers of their own', ['Basic realm="x"', 'Bearer error="insufficient_scope", scope="notes"']],
])('B18 challenges are read %s', (_, header) => {
  expect(stepUp(header)).toEqual({ ...nothing, error: 'insufficient_scope', scope: ['notes'] });
});

test.each([
  [''],
  ['Bearer'],
  ['Bearer error="invalid_token", error_description="error=\\"insufficient_scope\\""'],
  ['Bearer realm="x, Bearer error=insufficient_scope"'],
  ['Basic error="insufficient_scope"'],
  ['error="insufficient_scope"'],
  ['Bearer error="insufficient_scope" "'.padEnd(9_000)],
  ['Bearer error="insufficient'],
])('B18 %j asks for nothing', (header) => {
  expect(stepUp(header)).toBeNull();
});

test('B18 S9 no text of the API’s passes as a value', () => {
  const words = `a"b ${'x'.repeat(201)} <ü> ok`.replaceAll('"', '\\"');
  const header = `Bearer error="insufficient_user_authentication", acr_values="${words}", max_age="-1", claims="{}", scope="${'s '.repeat(60)}"`;
  expect(stepUp(header)).toEqual({
    ...nothing,
    error: 'insufficient_user_authentication',
    acrValues: ['ok'],
    scope: Array.from({ length: 50 }, () => 's'),
  });
});

test('B18 a long header is read in linear time, and no further than it is well-formed', () => {
  for (const text of ['a=', '"\\', 'a ', ',', '= ', 'a="'])
    expect(challengesIn(text.repeat(4_000)).length).toBeLessThanOrEqual(4_096);
});

test('B18 stepUpOf reads the error of a hook and that of the server caller', () => {
  const asked = stepUp('Bearer error="insufficient_scope"');
  expect(stepUpOf({ data: { stepUp: asked } })).toBe(asked);
  expect(stepUpOf({ stepUp: asked })).toBe(asked);
  for (const other of [null, undefined, 'x', {}, { data: {} }, { data: { stepUp: null } }])
    expect(stepUpOf(other)).toBeNull();
});
