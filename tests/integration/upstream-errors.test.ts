import { beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const upstream = await startUpstream({ UPSTREAM_TIMEOUT_MS: '1000' });
const alice = await signIn(upstream, 'alice');

const get = (path: string, signal: AbortSignal | null = null) =>
  serveTRPC(new Request(`${APP_ORIGIN}/api/trpc/${path}`, { headers: alice, signal }));
const errorOf = async (response: Response) => (await response.json()).error;
const live = async () => (await (await get('session.current')).json()).result.data !== null;

beforeEach(async () => {
  await upstream.control('knobs');
  await upstream.control('reset');
});

describe('A9 each upstream status maps to its code', () => {
  test.each([
    [400, 'BAD_REQUEST'],
    [402, 'BAD_REQUEST'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [405, 'METHOD_NOT_SUPPORTED'],
    [408, 'GATEWAY_TIMEOUT'],
    [409, 'CONFLICT'],
    [412, 'PRECONDITION_FAILED'],
    [413, 'PAYLOAD_TOO_LARGE'],
    [415, 'UNSUPPORTED_MEDIA_TYPE'],
    [422, 'BAD_REQUEST'],
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'BAD_GATEWAY'],
    [501, 'BAD_GATEWAY'],
    [502, 'BAD_GATEWAY'],
    [503, 'SERVICE_UNAVAILABLE'],
    [504, 'GATEWAY_TIMEOUT'],
    [302, 'BAD_GATEWAY'],
  ] as const)('%i → %s, and no user is logged out', async (status, code) => {
    await upstream.control('knobs', { api: { status, message: 'upstream text' } });
    const response = await get('notes.list?input=%7B%7D');
    const error = await errorOf(response);
    expect(error.data).toMatchObject({
      code,
      upstream: { status },
      requestId: expect.stringMatching(/^[\w-]{8,}$/),
    });
    expect(JSON.stringify(error)).not.toContain('upstream text');
    if (status >= 500) expect(error.message).not.toContain('/notes');
    const apiRequests = [502, 503, 504].includes(status) ? 1 + limits().retries : 1;
    expect(await upstream.counters()).toMatchObject({ refreshes: 0, apiRequests });
    expect(await live()).toBe(true);
  });
});

describe('A8 an unusable body is BAD_GATEWAY', () => {
  test.each(['html', 'empty'])('%s', async (body) => {
    await upstream.control('knobs', { api: { status: 200, body } });
    expect(await errorOf(await get('notes.list?input=%7B%7D'))).toMatchObject({
      data: { code: 'BAD_GATEWAY' },
    });
  });

  test('an upstream that does not answer in time is GATEWAY_TIMEOUT', async () => {
    await upstream.control('knobs', { api: { delayMs: 20_000 } });
    expect(await errorOf(await get('notes.list?input=%7B%7D'))).toMatchObject({
      data: { code: 'GATEWAY_TIMEOUT' },
    });
  });
});

test('A10 a caller that goes away aborts the upstream request', async () => {
  await upstream.control('knobs', { api: { delayMs: 20_000 } });
  const caller = new AbortController();
  const answer = get('notes.list?input=%7B%7D', caller.signal);
  await expect.poll(async () => (await upstream.counters())['apiRequests']).toBe(1);
  caller.abort();
  await expect.poll(async () => (await upstream.counters())['apiAborts']).toBe(1);
  await answer;
});
