import './bff';
import { initTRPC } from '@trpc/server';
import {
  type Context,
  createEndpoint,
  type ProcedureMeta,
  procedures,
  trpcOptions,
} from 'next-trpc-bff/server';

const t = initTRPC.context<Context>().meta<ProcedureMeta>().create(trpcOptions);

export type RootTypes = (typeof t)['_config']['$types'];
export const { router, createCallerFactory } = t;

/** For everybody: never sends a token. */
export const publicProcedure = t.procedure.concat(procedures.public);
/** For everybody, more for those signed in: never logs out. */
export const optionalProcedure = t.procedure.concat(procedures.optional);
/** For signed-in users. Middleware of your own goes here, by `.use(…)`, and holds for endpoints too. */
export const protectedProcedure = t.procedure.concat(procedures.protected);

export const endpoint = createEndpoint({
  public: publicProcedure,
  optional: optionalProcedure,
  protected: protectedProcedure,
});
