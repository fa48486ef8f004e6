import type { Deadline } from './deadline.js';

/** The stable code of {@link QueueFull}: Next bundles the class several times, and the process has one queue. */
export const QUEUE_FULL = 'NO_PLACE';

/** Why a call found no place. */
export class QueueFull extends Error {
  override readonly name = 'NoPlace';
  readonly code = QUEUE_FULL;
}

/** Gives a place back; more than once does no harm. */
export type Release = () => void;

/**
 * Bounds how many calls are under way at once, and how many wait: first come, first served. The queue of undici's
 * pool would not do: it has no end, and keeps a call whose caller has gone.
 */
export class Limiter {
  #free: number;
  /** In the order of their coming. */
  readonly #waiting = new Set<() => void>();

  /**
   * @param count - Calls under way at once
   * @param queue - Calls that may wait
   */
  constructor(
    private readonly count: number,
    private readonly queue: number,
  ) {
    this.#free = count;
  }

  /** Takes a place that is free; null when there is none. */
  tryAcquire(): Release | null {
    if (this.#free === 0) return null;
    this.#free -= 1;
    return this.#release();
  }

  /**
   * Takes a place, or waits for one.
   *
   * @param deadline - How long to wait
   * @returns What gives the place back
   * @throws {QueueFull} when the queue is full, or no place got free in time; otherwise why the patience is over
   */
  async acquire(deadline: Deadline): Promise<Release> {
    if (deadline.aborted) throw deadline.reason;
    const free = this.tryAcquire();
    if (free) return free;
    if (this.#waiting.size >= this.queue)
      throw new QueueFull(`${this.count} calls are under way and ${this.queue} more wait`);
    return new Promise((resolve, reject) => {
      const enter = () => {
        deadline.off('abort', leave);
        resolve(this.#release());
      };
      const leave = () => {
        this.#waiting.delete(enter);
        const { reason } = deadline;
        const isLate = reason instanceof DOMException && reason.name === 'TimeoutError';
        reject(isLate ? new QueueFull(`none of ${this.count} calls ended in time`) : reason);
      };
      this.#waiting.add(enter);
      deadline.once('abort', leave);
    });
  }

  /** The place passes straight to who has waited longest. */
  #release(): Release {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const [next] = this.#waiting;
      if (!next) this.#free += 1;
      else {
        this.#waiting.delete(next);
        next();
      }
    };
  }
}
