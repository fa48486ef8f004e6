import { TRPCError } from '@trpc/server';
import { publicProcedure, router } from '../trpc';

export const sessionRouter = router({
  /** Who is signed in and until when (ms since the epoch), or null. Never a token. */
  current: publicProcedure.query(async ({ ctx }) => {
    const state = await ctx.session();
    if (state.status === 'unknown') {
      throw new TRPCError({
        code: 'SERVICE_UNAVAILABLE',
        message: 'Sessions cannot be read right now.',
        cause: state.cause,
      });
    }
    if (state.status === 'dead') return null;
    const { subject, profile, idleDeadline, absoluteDeadline } = state.session.record;
    return { user: { id: subject, ...profile }, expiresAt: Math.min(idleDeadline, absoluteDeadline) };
  }),
});
