import { download } from 'next-trpc-bff/server';

interface Context {
  params: Promise<{ id: string; attachmentId: string }>;
}

/** Hands a file of the API on to the browser; HEAD comes here too. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  return download(request, '/notes/{id}/attachments/{attachmentId}', { params: await params });
}
