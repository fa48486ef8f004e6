import { createTRPCHandler } from 'next-trpc-bff/server';
import { withBasePath } from 'next-trpc-bff/shared';
import { appRouter } from '@/server/router';

const serveTRPC = createTRPCHandler(appRouter);

/** Attaches a file that a form posts without JavaScript: the procedure takes the form, and the browser goes back. */
export async function POST(request: Request, { params }: RouteContext<'/notes/[id]/attach'>) {
  const note = `/notes/${encodeURIComponent((await params).id)}`;
  const { headers, body, signal } = request;
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, signal, duplex: 'half' };
  const { status } = await serveTRPC(
    new Request(new URL('/api/trpc/attachments.uploadForm', request.url), init),
  );
  if (status === 403) return new Response(null, { status });
  if (status === 401) return seeOther(`/logout?${new URLSearchParams({ callbackUrl: note })}`);
  return seeOther(status === 200 ? note : `${note}?refused=${status === 413 ? 'size' : 'file'}`);
}

const seeOther = (path: string) =>
  new Response(null, { status: 303, headers: { location: withBasePath(path), 'cache-control': 'no-store' } });
