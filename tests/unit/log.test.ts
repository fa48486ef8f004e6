import { expect, test } from 'vitest';
import { IdentityProviderFailed } from '../../packages/next-trpc-bff/src/auth/tokens/provider/failed';
import { describeError } from '../../packages/next-trpc-bff/src/runtime/process';

test('an error is described by name, code and message, and its causes likewise', () => {
  const cause = Object.assign(new Error('inner'), { code: 'E_INNER', body: 'secret' });
  expect(describeError(new TypeError('outer', { cause }))).toEqual({
    name: 'TypeError',
    message: 'outer',
    cause: { name: 'Error', message: 'inner', code: 'E_INNER' },
  });
  expect(describeError('secret text')).toEqual({ name: 'string' });
});

test('S1 the message of a parser, which quotes the body, is not described', () => {
  const error = new SyntaxError('"secret-token" is not valid JSON');
  expect(describeError(new Error('outer', { cause: error }))).toEqual({
    name: 'Error',
    message: 'outer',
    cause: { name: 'SyntaxError' },
  });
});

test('S1 a failure of the identity provider contains nothing of its answer', () => {
  const library = Object.assign(new Error('unexpected'), {
    code: 'OAUTH_INVALID_RESPONSE',
    cause: { body: { access_token: 'secret' } },
  });
  const failure = new IdentityProviderFailed(library);
  expect(failure.message).toContain('OAUTH_INVALID_RESPONSE');
  expect(failure.cause).toBeUndefined();
  expect(JSON.stringify({ ...failure, message: failure.message })).not.toContain('secret');
});
