import type { Patience } from './patience';

/** The stable code of {@link NoPlace}: Next bundles the class several times, and the process has one queue. */
export const NO_PLACE = 'NO_PLACE';

/** Why a call found no place. */
export class NoPlace extends Error {
  override readonly name = 'NoPlace';
  readonly code = NO_PLACE;
}

/** Gives a place back; more than once does no harm. */
export type GiveBack = () => void;

/**
 * Bounds how many calls are under way at once, and how many wait: first come, first served. The queue of undici's
 * pool would not do: it has no end, and keeps a call whose caller has gone.
 */
export class Places {
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
  takeFree(): GiveBack | null {
    if (this.#free === 0) return null;
    this.#free -= 1;
    return this.#giveBack();
  }

  /**
   * Takes a place, or waits for one.
   *
   * @param patience - How long to wait
   * @returns What gives the place back
   * @throws {NoPlace} when the queue is full, or no place got free in time; otherwise why the patience is over
   */
  async take(patience: Patience): Promise<GiveBack> {
    if (patience.aborted) throw patience.reason;
    const free = this.takeFree();
    if (free) return free;
    if (this.#waiting.size >= this.queue)
      throw new NoPlace(`${this.count} calls are under way and ${this.queue} more wait`);
    return new Promise((resolve, reject) => {
      const enter = () => {
        patience.off('abort', leave);
        resolve(this.#giveBack());
      };
      const leave = () => {
        this.#waiting.delete(enter);
        const { reason } = patience;
        const isLate = reason instanceof DOMException && reason.name === 'TimeoutError';
        reject(isLate ? new NoPlace(`none of ${this.count} calls ended in time`) : reason);
      };
      this.#waiting.add(enter);
      patience.once('abort', leave);
    });
  }

  /** The place passes straight to who has waited longest. */
  #giveBack(): GiveBack {
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const [next] = this.#waiting;
      if (!next) this.#free += 1;
      else {
        this.#waiting.delete(next);
        next();
      }
    };
  }
}
