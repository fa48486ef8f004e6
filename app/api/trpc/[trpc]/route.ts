import { createTRPCHandler } from 'next-trpc-bff/server';
import { appRouter } from '@/server/router';

const serveTRPC = createTRPCHandler(appRouter);

export { serveTRPC as GET, serveTRPC as POST };
