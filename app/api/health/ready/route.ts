import { ready } from 'next-trpc-bff/handlers';

export const { GET } = ready;
