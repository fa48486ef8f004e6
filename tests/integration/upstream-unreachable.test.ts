import { expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { configure } from '../support/environment';
import { freePort } from '../support/free-port';

configure({ UPSTREAM_URL: `http://127.0.0.1:${await freePort()}` });
const endpoints = router({
  get: endpoint('GET /x', { output: z.unknown(), access: 'public' }),
  post: endpoint('POST /x', { output: z.unknown(), access: 'public' }),
});

test('A9 an upstream that refuses connections is SERVICE_UNAVAILABLE; a GET is retried, a mutation is not', async () => {
  for (const [method, attempts] of [
    ['get', 1 + limits().retries],
    ['post', 1],
  ] as const) {
    const context = createContext({ headers: new Headers() });
    await expect(createCallerFactory(endpoints)(context)[method]()).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: `${method.toUpperCase()} /x could not be connected`,
      failure: { status: null },
    });
    expect(context.upstreamCalls.count).toBe(attempts);
  }
});
