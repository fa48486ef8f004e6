import { health } from 'next-trpc-bff/handlers';

export const { GET } = health;
