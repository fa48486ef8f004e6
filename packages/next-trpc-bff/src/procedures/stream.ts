import type { TRPCError } from '@trpc/server';
import { Deadline } from '../runtime/bounds.js';
import { isSilentClose } from '../upstream/events/silent-close.js';

/** The abort reason of a stream that ended or was returned early. */
const RETURNED = Symbol('returned');

/** How a stream is ended, and what is called then. */
interface Wrapping {
  /** Aborting it ends the stream, which then throws the reason. It is also aborted when the stream ends by itself. */
  readonly over: AbortController;
  /** Called when the first value is requested. May throw to refuse the stream. */
  readonly onBegin: () => void;
  /** Maps an error that the source threw. */
  readonly errorFor: (cause: unknown) => Promise<TRPCError>;
  /** Called once when the stream has ended, with its error, or null when it completed or was returned early. */
  readonly onEnd: (error: TRPCError | null) => void;
}

/**
 * Wraps a procedure's stream, which goes on after its middleware has returned. Not a generator, because a generator's
 * `return` waits for the pending value, which may never come. No listener is left behind for any value.
 *
 * @param source - What the procedure returned
 * @param wrapping - How it is ended, and what is called then
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
    // Immediately, not at the next read: a subscriber that has stopped reading must not hold resources.
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
      // tRPC stops handling it once the client has disconnected.
      step.catch(() => {});
      return step;
    },
    async return(value) {
      finish(null);
      return { done: true, value };
    },
  };
}
