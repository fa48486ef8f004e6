import { signOut, visitLogout } from '../../packages/next-trpc-bff/src/auth/sign-out/logout';

export { signOut as POST, visitLogout as GET };

/** Next would answer HEAD with GET. */
export const HEAD = (): Response =>
  new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
