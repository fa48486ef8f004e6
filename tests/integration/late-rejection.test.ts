import { expect, test } from 'vitest';
import { z } from 'zod';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { sessionState } from '../../packages/next-trpc-bff/src/session/state';
import { createCallerFactory, protectedProcedure, router } from '../../server/trpc';
import { serve } from '../support/http-server';
import { signIn, startUpstream } from '../support/signed-in';

/** An API that accepts only the newest access token it has seen, never the first, and holds `/slow` until let go. */
const seen: string[] = [];
let letSlowGo = () => {};
const slowMayGo = new Promise<void>((resolve) => {
  letSlowGo = resolve;
});
const api = await serve(async (request, response) => {
  const token = request.headers.authorization ?? '';
  if (!seen.includes(token)) seen.push(token);
  const isFirst = token === seen[0];
  if (request.url === '/slow' && isFirst) await slowMayGo;
  const accepted = !isFirst && token === seen.at(-1);
  response.writeHead(accepted ? 200 : 401, { 'content-type': 'application/json' }).end('{}');
});
const upstream = await startUpstream({ UPSTREAM_URL: api });

const output = z.object({});
const calls = router({
  fast: protectedProcedure.query(({ ctx }) => ctx.upstream.get('/fast', { output })),
  slow: protectedProcedure.query(({ ctx }) => ctx.upstream.get('/slow', { output })),
});

test('T4 a 401 for the old token that arrives after the renewal, in the same request, causes no second one', async () => {
  const alice = await signIn(upstream, 'alice');
  await upstream.control('reset');
  const caller = createCallerFactory(calls)(createContext({ headers: alice }));
  const slow = caller.slow();
  await expect.poll(() => seen.length).toBe(1);
  await caller.fast();
  letSlowGo();
  await expect(slow).resolves.toEqual({});
  expect(await upstream.counters()).toMatchObject({ refreshes: 1 });
  expect((await sessionState(alice)).status).toBe('live');
});
