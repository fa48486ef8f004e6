import { sessionStore } from '../../../../packages/next-trpc-bff/src/session/connection';

export const dynamic = 'force-dynamic';

/** Readiness: the session store answers, so requests can be sent here. */
export async function GET(): Promise<Response> {
  const headers = { 'cache-control': 'no-store' };
  try {
    await sessionStore().ping();
    return Response.json({ status: 'ready' }, { headers });
  } catch {
    return Response.json(
      { status: 'session store unavailable' },
      { status: 503, headers: { ...headers, 'retry-after': '5' } },
    );
  }
}
