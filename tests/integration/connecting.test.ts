import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { createCallerFactory, endpoint, router } from '../../server/trpc';
import { deafListener } from '../support/deaf-listener';
import { configure } from '../support/environment';

const TEST_MS = 5_000;
const port = await deafListener();
configure({
  UPSTREAM_URL: `http://127.0.0.1:${port}`,
  UPSTREAM_CONCURRENCY: '2',
  UPSTREAM_TIMEOUT_MS: '60000',
});
const endpoints = router({
  get: endpoint('GET /x', { output: z.unknown(), access: 'public' }),
  hasty: endpoint('GET /x', { output: z.unknown(), access: 'public', timeoutMs: 200 }),
});
const as = (signal?: AbortSignal) =>
  createCallerFactory(endpoints)(createContext({ headers: new Headers(), ...(signal && { signal }) }));

// Elsewhere a full queue refuses.
test.runIf(process.platform === 'linux')(
  'A9 A10 calls to an upstream that accepts no connection time out, and stay within the limiter',
  {
    timeout: TEST_MS,
  },
  async () => {
    let isConnected = false;
    const probe = connect(port, '127.0.0.1', () => {
      isConnected = true;
    });
    const left = new AbortController();
    const leaving = as(left.signal).get();
    await expect(as().hasty()).rejects.toMatchObject({ code: 'GATEWAY_TIMEOUT' });
    left.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
    await expect(as().hasty()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(isConnected).toBe(false);
    probe.destroy();
  },
);
