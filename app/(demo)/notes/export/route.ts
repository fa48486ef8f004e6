import { caller } from '@/trpc/server';

/** Downloads the newest notes: a route handler calls procedures like a page does. */
export async function GET(): Promise<Response> {
  const { items } = await caller.notes.list({ limit: 100 });
  return Response.json(items, {
    headers: { 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="notes.json"' },
  });
}
