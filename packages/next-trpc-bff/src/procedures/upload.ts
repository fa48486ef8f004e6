import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { FIELDS_HEADER } from '../http/wire.js';

/** The field of an input that becomes the body of the request. */
const FILE_FIELD = 'file';

/** What may be given for a {@link fileStream}: in the browser a File, Blob or bytes; on the server a stream as well. */
export type FileInput = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/**
 * Describes the file in the input of an upload, which passes through however large it is. The field must be called
 * `file`, the others travel in a header:
 * `z.object({ noteId: z.string(), name: z.string(), file: fileStream() })`.
 *
 * @returns A schema that gives the procedure a stream, which can be read once
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
 * Puts an upload's input together again: its body is the file, the other fields are in a header.
 *
 * @param rawInput - What tRPC read from the body; anything but a stream is returned as it is
 * @param headers - The request's headers
 * @returns The input that the caller gave
 * @throws {TRPCError} BAD_REQUEST when the header holds no JSON object
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
