import { type AnyTRPCRouter, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { endSessions, sessionsOfUser } from '../auth/user-sessions.js';
import type { SessionRecord } from '../session/record.js';
import { sessionUnavailable, signInFirst } from './errors.js';
import { type Context, procedures, router } from './trpc.js';

export const sessionRouter = router({
  /** Returns who is signed in and until when (ms since the epoch), or null. Never a token. */
  current: procedures.public.query(async ({ ctx }) => {
    const state = await ctx.session();
    if (state.status === 'unknown') throw sessionUnavailable(state.cause);
    if (state.status === 'dead') return null;
    const { subject, profile, idleDeadline, absoluteDeadline } = state.session.record;
    return { user: { id: subject, ...profile }, expiresAt: Math.min(idleDeadline, absoluteDeadline) };
  }),

  /** Returns the user's sessions, newest first, each with a random id that gives no access. */
  list: procedures.protected.query(async ({ ctx }) => {
    const own = await ownRecord(ctx);
    const sessions = await sessionsOfUser(own);
    return sessions.map(({ key, publicId, userAgent, createdAt, seenAt }) => ({
      id: publicId,
      device: userAgent,
      createdAt,
      seenAt,
      isCurrent: key === own.key,
    }));
  }),

  /** Ends one of the user's sessions, immediately and everywhere. */
  revoke: procedures.protected
    .input(z.object({ id: z.string().min(1).max(64) }))
    .mutation(async ({ ctx, input }) => {
      const found = (await sessionsOfUser(await ownRecord(ctx))).find(
        ({ publicId }) => publicId === input.id,
      );
      if (!found) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such session.' });
      await endSessions([found], 'revoked');
    }),

  /** Ends all of the user's sessions except this one. Returns how many. */
  revokeOthers: procedures.protected.mutation(async ({ ctx }) => {
    const own = await ownRecord(ctx);
    const others = (await sessionsOfUser(own)).filter(({ key }) => key !== own.key);
    await endSessions(others, 'revoked');
    return { ended: others.length };
  }),
});

/**
 * What the layer requires of an application's router: it must contain `session`, which pages ask who is signed in. A
 * router without it does not compile.
 */
export type BffRouter = AnyTRPCRouter & {
  readonly _def: { readonly record: { readonly session: (typeof sessionRouter)['_def']['record'] } };
};

/** The smallest such router, for the layer's own client. */
export type SessionOnlyRouter = ReturnType<typeof router<{ session: typeof sessionRouter }>>;

/** Returns the record, which is not in the context of procedures, so that none returns it by mistake. */
async function ownRecord(ctx: Context): Promise<SessionRecord> {
  const state = await ctx.session();
  if (state.status !== 'live') throw signInFirst();
  return state.session.record;
}
