import { createBffServer } from 'next-trpc-bff/rsc';
import { appRouter } from '../server/router';

export const { caller, prefetch, HydrateClient } = createBffServer(appRouter);
