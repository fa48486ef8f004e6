import type { TRPCError } from '@trpc/server';
import { Deadline } from '../runtime/bounds.js';
import { isSilentClose } from '../upstream/events/silent-close.js';

/** Why a stream is over whose reader wants no more. */
const RETURNED = Symbol('returned');

/** When a stream ends, and who is told. */
interface Wrapping {
  /** Ends the stream when it is aborted, which then throws the reason; aborted here when the stream ends otherwise. */
  readonly over: AbortController;
  /** Called when the first value is asked for. Throws when there must be no stream. */
  readonly onBegin: () => void;
  /** Returns what to throw in the place of what was thrown. */
  readonly errorFor: (cause: unknown) => Promise<TRPCError>;
  /** Told once how it ended: of the error or, when it ended well or nobody wants more, null. */
  readonly onEnd: (error: TRPCError | null) => void;
}

/**
 * Passes a procedure's stream on until it is over, which is after its middleware has returned. Not a generator, whose
 * `return` would wait for a value that may never come; and nothing is left behind for each value, however many there are.
 *
 * @param source - What the procedure returned
 * @param wrapping - When it ends, and who is told
 */
export function wrapStream(
  source: AsyncIterable<unknown>,
  { over, onBegin, errorFor, onEnd }: Wrapping,
): AsyncIterableIterator<unknown> {
  const lifetime = new Deadline(over.signal);
  let iterator: AsyncIterator<unknown> | null = null;
  let hasEnded = false;

  function finish(error: TRPCError | null): void {
    over.abort(RETURNED);
    lifetime.dispose();
    if (!hasEnded) onEnd(error);
    hasEnded = true;
  }

  function begin(): AsyncIterator<unknown> {
    const begun = source[Symbol.asyncIterator]();
    // At once, and not when somebody reads: a subscriber that does not must hold nothing either.
    over.signal.addEventListener('abort', () => void Promise.resolve(begun.return?.()).catch(() => {}));
    onBegin();
    return begun;
  }

  async function next(): Promise<IteratorResult<unknown>> {
    try {
      if (!over.signal.aborted) iterator ??= begin();
      if (lifetime.aborted || !iterator) throw over.signal.reason;
      const result = await lifetime.race(iterator.next());
      if (result.done) finish(null);
      return result;
    } catch (cause) {
      if (cause === RETURNED) return { done: true, value: undefined };
      over.abort(RETURNED);
      const error = isSilentClose(cause) ? null : await errorFor(cause);
      finish(error);
      throw error ?? cause;
    }
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      const step = next();
      // tRPC listens to it no more once its reader has left.
      step.catch(() => {});
      return step;
    },
    async return(value) {
      finish(null);
      return { done: true, value };
    },
  };
}
