import { signOut, visitLogout } from '@/server/logout';

export { signOut as POST, visitLogout as GET };

/** Next would answer HEAD with GET. */
export const HEAD = (): Response =>
  new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
