import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { resumable } from '../../packages/next-trpc-bff/src/procedures/subscription';
import { createContext } from '../../packages/next-trpc-bff/src/procedures/trpc';
import { createCallerFactory, protectedProcedure, publicProcedure, router } from '../../server/trpc';
import { startEventServer } from './event-server';
import { signIn, startUpstream } from './signed-in';
import { subscriber } from './subscriber';

export const api = await startEventServer();
export const upstream = await startUpstream({ UPSTREAM_URL: api.origin, UPSTREAM_TIMEOUT_MS: '1000' });
export const alice = await signIn(upstream, 'alice');
export const bob = await signIn(upstream, 'bob');

export const input = resumable.extend({ room: z.string() });
export const template = '/rooms/{room}/events';

export const rooms = router({
  events: protectedProcedure
    .input(input)
    .subscription(({ ctx, input: { room, lastEventId } }) =>
      ctx.upstream.events(template, { params: { room }, output: z.number(), lastEventId }),
    ),
  open: publicProcedure
    .input(input)
    .subscription(({ ctx, input: { room, lastEventId } }) =>
      ctx.upstream.events(template, { params: { room }, output: z.number(), lastEventId }),
    ),
  named: protectedProcedure.input(input).subscription(({ ctx, input: { room } }) =>
    ctx.upstream.events(template, {
      params: { room },
      output: z.string(),
      silenceMs: 1_000,
      read: ({ name, data }) => (name === 'ping' ? null : `${name}: ${data}`),
    }),
  ),
});

export const callerFor = (headers: Headers, signal: AbortSignal) =>
  createCallerFactory(rooms)(createContext({ headers, signal }), { signal });

export const enter = (room: string, headers = alice, lastEventId: string | null = null) =>
  subscriber((signal) => callerFor(headers, signal).events({ room, lastEventId }), lastEventId);

export const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, n) => first + n);
/** Not `expect.poll`, which wants to know which test it is in: here several run at a time. */
export const eventually = (holds: () => void) => vi.waitFor(holds, { timeout: 15_000 });
export const untilOpen = (room: string, count = 1) => eventually(() => expect(api.open(room)).toBe(count));
export const untilSeen = (one: { contents: unknown[] }, contents: unknown[]) =>
  eventually(() => expect(one.contents).toEqual(contents));
export const idsAskedFor = (room: string) => api.asked(room).map(({ lastEventId }) => lastEventId);

/** Each test has a room, so that they can run, and wait, at the same time. */
export const aRoom = () => randomUUID();
