import { TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { FIELDS_HEADER, SEND_AGAIN } from '../http/wire.js';

declare module '@trpc/client' {
  interface OperationContext {
    /** The fields of an input beside its file. */
    fields?: object;
  }
}

/**
 * The link that sends `{ file, …fields }` in two parts: the file, a File, Blob or Uint8Array, is the body, and the
 * fields go in a header. A file on disk is not read into memory. An upload whose token was rejected and renewed on the
 * way is sent once more by this link: the server has streamed the file on, and cannot repeat it.
 *
 * @see https://trpc.io/docs/client/links
 */
export const sendFileAsBody: TRPCLink<AnyTRPCRouter> = () => {
  return ({ next, op }) => {
    const parts = partsOf(op.input);
    if (!parts) return next(op);
    const { file, fields } = parts;
    const context = { ...op.context, fields };
    return observable((observer) => {
      if (file instanceof ReadableStream) {
        observer.error(
          new TRPCClientError(`${op.path}: a browser cannot send a stream; give it a File or Blob.`),
        );
        return;
      }
      let sending: { unsubscribe(): void } | undefined;
      const send = (isRepeated: boolean) =>
        next({ ...op, input: file, context }).subscribe({
          next: (value) => observer.next(value),
          complete: () => observer.complete(),
          error(error) {
            if (isRepeated || !isToBeSentAgain(error)) observer.error(error);
            else sending = send(true);
          },
        });
      sending = send(false);
      return () => sending?.unsubscribe();
    });
  };
};

function partsOf(input: unknown): { file: Blob | Uint8Array | ReadableStream; fields: object } | null {
  if (typeof input !== 'object' || input === null || !('file' in input)) return null;
  const { file, ...fields } = input;
  const isFile = file instanceof Blob || file instanceof Uint8Array || file instanceof ReadableStream;
  return isFile ? { file, fields } : null;
}

function isToBeSentAgain({ data }: TRPCClientError<AnyTRPCRouter>): boolean {
  const isAnswerOfApi = data?.upstream?.status === 503;
  return !isAnswerOfApi && data?.code === 'SERVICE_UNAVAILABLE' && data.upstream?.retryAfter === SEND_AGAIN;
}

/** Returns the header that carries the fields beside a file, if there are any. */
export const fieldsHeader = ({ fields }: { fields?: object }): Record<string, string> =>
  fields ? { [FIELDS_HEADER]: encodeURIComponent(JSON.stringify(fields)) } : {};
