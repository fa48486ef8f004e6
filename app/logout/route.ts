import { logout } from 'next-trpc-bff/handlers';

export const { GET, HEAD, POST } = logout;
