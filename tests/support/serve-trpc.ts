import { createTRPCHandler } from '../../packages/next-trpc-bff/src/procedures/handler';
import { appRouter } from '../../server/router';

/** Answers a request to the application's tRPC endpoint, without Next. */
export const serveTRPC = createTRPCHandler(appRouter);
