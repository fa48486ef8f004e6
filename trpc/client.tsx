'use client';

import type { inferRouterOutputs } from '@trpc/server';
import { createBffClient } from 'next-trpc-bff/client';
import type { AppRouter } from '../server/router';

export const { trpc, TRPCProvider } = createBffClient<AppRouter>();

export type RouterOutputs = inferRouterOutputs<AppRouter>;
