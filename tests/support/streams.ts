/** Size of the pieces of {@link generated} streams, bytes. */
export const PIECE_BYTES = 65_536;

/** A stream that makes its pieces when they are asked for, as a browser reads a file. */
export interface Generated {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many bytes were taken so far. */
  taken(): number;
  /** Whether it was read to its end. */
  isRead(): boolean;
}

/** Makes a stream of so many bytes, in whole pieces, none of which exists before it is asked for. */
export function generated(bytes: number): Generated {
  let taken = 0;
  let isRead = false;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (taken >= bytes) {
          isRead = true;
          return controller.close();
        }
        taken += PIECE_BYTES;
        controller.enqueue(new Uint8Array(PIECE_BYTES).fill(taken / PIECE_BYTES));
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, taken: () => taken, isRead: () => isRead };
}
