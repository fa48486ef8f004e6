import { EventEmitter } from 'node:events';

/**
 * How long somebody waits for the upstream: until the caller goes away, or the time is over. The time can be stopped
 * and begin anew, as that of `AbortSignal.timeout` cannot. To undici an emitter of `abort` is a signal; one of the
 * platform's would cost each call some 10 µs more.
 *
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=parameter-requestoptions
 */
export class Deadline extends EventEmitter<{ abort: [] }> {
  /** Whether it is over. */
  aborted = false;
  /** Why it is over: the caller's reason, or a TimeoutError. */
  reason: unknown;
  #timer: NodeJS.Timeout | undefined;
  readonly #onCallerAbort = () => this.abort(this.caller?.reason);

  /** @param caller - The caller's signal, if it has one */
  constructor(private readonly caller?: AbortSignal) {
    super();
    if (caller?.aborted) this.#onCallerAbort();
    else caller?.addEventListener('abort', this.#onCallerAbort);
  }

  /** Lasts so long from now on, ms. */
  start(ms: number, reason: () => Error = timeout): void {
    this.stop();
    this.#timer = setTimeout(() => this.abort(reason()), ms);
  }

  /** Stops the time; the caller may still go away. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Is over at once. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.emit('abort');
  }

  /** Waits for something, but no longer than this lasts. Rejects with the reason, or as `work` does. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const over = () => reject(this.reason);
      if (this.aborted) over();
      else this.once('abort', over);
      work.then(
        (result) => {
          this.off('abort', over);
          resolve(result);
        },
        (cause: unknown) => {
          this.off('abort', over);
          reject(cause);
        },
      );
    });
  }

  /** Lets go of time and caller: nobody waits any more. */
  dispose(): void {
    this.stop();
    this.caller?.removeEventListener('abort', this.#onCallerAbort);
  }
}

const timeout = () => new DOMException('The time is over.', 'TimeoutError');

/** The stable code of {@link QueueFull}: Next bundles the class several times, and the process has one queue. */
export const QUEUE_FULL = 'QUEUE_FULL';

/** Why a call found no place. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
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
   * @throws {QueueFull} when the queue is full, or no place got free in time; otherwise the deadline's reason
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
