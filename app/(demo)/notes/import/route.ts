import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { originOf } from 'next-trpc-bff/server';
import { caller } from '@/trpc/server';

/** Takes a note as JSON from a script: a POST cannot follow a redirect to a page, so it uses the raw caller. */
export async function POST(request: Request): Promise<Response> {
  if (originOf(request.headers) === 'elsewhere')
    return refusal(403, 'Only this application and scripts may call this.');
  try {
    const note = await caller.raw.notes.create(await request.json());
    return Response.json(note, { status: 201, headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    if (error instanceof SyntaxError) return refusal(400, 'The body is not JSON.');
    if (error instanceof TRPCError) return refusal(getHTTPStatusCodeFromError(error), error.code);
    throw error;
  }
}

const refusal = (status: number, message: string) =>
  Response.json({ message }, { status, headers: { 'cache-control': 'no-store' } });
