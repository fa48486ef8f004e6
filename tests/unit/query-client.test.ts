import { TRPCClientError } from '@trpc/client';
import { afterEach, expect, test, vi } from 'vitest';
import { GatewayUnauthorized } from '../../packages/next-trpc-bff/src/client/links';
import { createQueryClient, shouldRetry } from '../../packages/next-trpc-bff/src/client/query-client';

const failure = (code: string) => ({ data: { code } });
const redirect = Object.assign(new Error('redirect'), { digest: 'NEXT_REDIRECT;replace;/logout;307;' });

afterEach(() => vi.unstubAllGlobals());

test('on the server no query is retried', () => {
  expect(shouldRetry(0, failure('SERVICE_UNAVAILABLE'))).toBe(false);
});

test('in the browser queries are retried twice after faults that may pass, never after refusals', () => {
  vi.stubGlobal('window', {});
  for (const code of ['SERVICE_UNAVAILABLE', 'BAD_GATEWAY', 'GATEWAY_TIMEOUT']) {
    expect([0, 1, 2].map((failures) => shouldRetry(failures, failure(code)))).toEqual([true, true, false]);
  }
  for (const code of [
    'UNAUTHORIZED',
    'FORBIDDEN',
    'BAD_REQUEST',
    'NOT_FOUND',
    'TOO_MANY_REQUESTS',
    'INTERNAL_SERVER_ERROR',
  ]) {
    expect(shouldRetry(0, failure(code))).toBe(false);
  }
});

test('B8 a gateway’s 401 is not retried', () => {
  vi.stubGlobal('window', {});
  expect(shouldRetry(0, TRPCClientError.from(new GatewayUnauthorized()))).toBe(false);
});

test('B5 a query whose prefetch was redirected is retried once and at once, so that the link leaves the page', () => {
  vi.stubGlobal('window', {});
  expect([0, 1].map((failures) => shouldRetry(failures, redirect))).toEqual([true, false]);
  const { retryDelay } = createQueryClient().getDefaultOptions().queries ?? {};
  if (typeof retryDelay !== 'function') throw new TypeError('The delay is no function.');
  expect(retryDelay(0, redirect)).toBe(0);
  expect(retryDelay(0, new Error('passing'))).toBeGreaterThan(0);
});

test('each client is new, and errors of a prefetch are not redacted', () => {
  const [one, other] = [createQueryClient(), createQueryClient()];
  expect(one).not.toBe(other);
  expect(one.getDefaultOptions().dehydrate?.shouldRedactErrors?.(redirect)).toBe(false);
});
