import type { AnyTRPCRouter } from '@trpc/server';
import type { router } from './trpc.js';
import type { sessionRouter } from './session-router.js';

/**
 * What the layer needs of an application's router: `session` must be in its map, for the page asks it who is signed
 * in. A map without that line does not compile.
 */
export type BffRouter = AnyTRPCRouter & {
  readonly _def: { readonly record: { readonly session: (typeof sessionRouter)['_def']['record'] } };
};

/** The smallest such router, as the layer's own code knows it. */
export type SessionOnlyRouter = ReturnType<typeof router<{ session: typeof sessionRouter }>>;
