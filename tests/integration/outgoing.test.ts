import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { createCallerFactory, protectedProcedure, router } from '../../server/trpc';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const received: { url: string; headers: IncomingHttpHeaders }[] = [];
const api = createServer((request, response) => {
  received.push({ url: request.url ?? '', headers: request.headers });
  response
    .setHeader('content-type', 'application/json')
    .setHeader('set-cookie', 'upstream=1')
    .setHeader('www-authenticate', 'Bearer');
  response.end('{"items":[],"nextCursor":null}');
}).listen(0, '127.0.0.1');
await once(api, 'listening');
afterAll(() => void api.close());
const address = api.address();
const port = typeof address === 'object' ? address?.port : 0;

const upstream = await startUpstream({
  UPSTREAM_URL: `http://127.0.0.1:${port}/base/v1`,
  TRUST_PROXY_HOPS: '1',
});
const alice = await signIn(upstream, 'alice');

test('S9 the browser’s cookies, authorization and forwarding headers are not sent upstream, nor the upstream’s cookies to the browser', async () => {
  const headers = new Headers(alice);
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const sent = {
    authorization: 'Bearer of-the-browser',
    'x-forwarded-for': '6.6.6.6, 10.0.0.9',
    'x-forwarded-host': 'evil.example',
    traceparent,
    'x-other': '1',
  };
  for (const [name, value] of Object.entries(sent)) headers.set(name, value);

  const response = await serveTRPC(
    new Request(`${APP_ORIGIN}/api/trpc/notes.list?input=%7B%7D`, { headers }),
  );
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie()).toEqual([]);
  expect(response.headers.get('www-authenticate')).toBeNull();

  const [request] = received.splice(0);
  const { authorization, ...rest } = request?.headers ?? {};
  expect(authorization).toMatch(/^Bearer ey/);
  expect(request?.url).toBe('/base/v1/notes');
  expect(rest).toEqual({
    host: `127.0.0.1:${port}`,
    connection: 'keep-alive',
    accept: 'application/json',
    traceparent,
    'x-request-id': response.headers.get('x-request-id'),
    'x-forwarded-for': '10.0.0.9',
  });
});

test('S9 a path parameter stays one segment of the path', async () => {
  const odd = router({
    byId: protectedProcedure
      .input(z.string())
      .query(({ ctx, input }) =>
        ctx.upstream.get('/notes/{id}', { params: { id: input }, output: z.unknown() }),
      ),
  });
  const caller = createCallerFactory(odd)(createContext({ headers: alice }));
  const fine = ['a/b', '?x=1', '#x', '%2e%2e', '@evil.example', '\\x'];
  for (const id of fine) await caller.byId(id);
  for (const id of ['../admin', '\\..\\x'])
    await expect(caller.byId(id)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(received).toHaveLength(fine.length);
  for (const { url, headers } of received.splice(0)) {
    expect(url).toMatch(/^\/base\/v1\/notes\/[^/?#\\]+$/);
    expect(headers.host).toBe(`127.0.0.1:${port}`);
  }
  await expect(caller.byId('..')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(received).toEqual([]);
});
