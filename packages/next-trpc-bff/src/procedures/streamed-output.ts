import { Readable } from 'node:stream';
import type { TRPCError } from '@trpc/server';
import { isSilentClose } from '../upstream/events/silent-close.js';

/** What a procedure streams: an async generator, or anything else that is iterated; a file's bytes are not. */
export const isStreamedOutput = (output: unknown): output is AsyncIterable<unknown> =>
  typeof output === 'object' &&
  output !== null &&
  Symbol.asyncIterator in output &&
  !(output instanceof Readable || output instanceof ReadableStream);

/**
 * Passes a streamed output on and says how it ended: that is after the middleware has returned. Not a generator of
 * its own, whose `return` would wait for a value that may never come.
 *
 * @param output - What the procedure returned
 * @param errorFor - Returns what to throw in the place of what was thrown
 * @param onEnd - Told once, of the error or, when it ended well or nobody wants more, null
 */
export function observeStream(
  output: AsyncIterable<unknown>,
  errorFor: (cause: unknown) => Promise<TRPCError>,
  onEnd: (error: TRPCError | null) => void = () => {},
): AsyncIterableIterator<unknown> {
  const iterator = output[Symbol.asyncIterator]();
  let hasEnded = false;
  const finish = (error: TRPCError | null) => {
    if (!hasEnded) onEnd(error);
    hasEnded = true;
  };
  const passed = async (step: Promise<IteratorResult<unknown>>) => {
    try {
      const result = await step;
      if (result.done) finish(null);
      return result;
    } catch (cause) {
      if (isSilentClose(cause)) {
        finish(null);
        throw cause;
      }
      const error = await errorFor(cause);
      finish(error);
      throw error;
    }
  };
  const over: IteratorResult<unknown> = { done: true, value: undefined };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const step = passed(iterator.next());
      // tRPC listens to it no more once its reader has left.
      step.catch(() => {});
      return step;
    },
    return: (value) => passed(iterator.return?.(value) ?? Promise.resolve(over)),
  };
}
