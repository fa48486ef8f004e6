import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { FIELDS_HEADER } from '../http/wire.js';

/** The field of an input that becomes the body of the request. */
const FILE_FIELD = 'file';

/** Values for a {@link fileStream}: a File, Blob or bytes in the browser; on the server also a stream. */
export type FileInput = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/**
 * Makes the schema of the file in an upload's input. The file is streamed, so it may be of any size. The field must be
 * called `file`; the other fields are sent in a header:
 * `z.object({ noteId: z.string(), name: z.string(), file: fileStream() })`.
 *
 * @returns A schema whose output is a stream, which can be read once
 * @see https://trpc.io/docs/server/non-json-content-types
 */
export const fileStream = (): z.ZodType<ReadableStream<Uint8Array>, FileInput> =>
  z.custom<FileInput>(isFile, 'A file is missing.').transform((file) => {
    if (file instanceof ReadableStream) return file;
    return (file instanceof Blob ? file : new Blob([file])).stream();
  });

const isFile = (value: unknown) =>
  value instanceof ReadableStream || value instanceof Blob || value instanceof Uint8Array;

/**
 * Assembles an upload's input: the body is the file, the other fields are in a header.
 *
 * @param rawInput - What tRPC read from the body; anything but a stream is returned unchanged
 * @param headers - The request's headers
 * @returns The input as the client passed it
 * @throws {TRPCError} BAD_REQUEST when the header is not a JSON object
 */
export function withFields(rawInput: unknown, headers: Headers): unknown {
  const header = headers.get(FIELDS_HEADER);
  if (header === null || !(rawInput instanceof ReadableStream)) return rawInput;
  const fields = parsed(header);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw new TRPCError({ code: 'BAD_REQUEST', message: `${FIELDS_HEADER} holds no fields.` });
  return { ...fields, [FILE_FIELD]: rawInput };
}

function parsed(header: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(header));
  } catch {
    return null;
  }
}
