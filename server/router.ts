import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server';
import * as routers from './routers';
import { type RootTypes, router } from './trpc';

/** The router's type, written out: inferred, all endpoints would have to be read to complete the name of one. */
export type AppRouter = TRPCBuiltRouter<RootTypes, TRPCDecorateCreateRouterOptions<typeof routers>>;

/** All routers of the map, `routers.ts`. */
export const appRouter: AppRouter = router(routers);
