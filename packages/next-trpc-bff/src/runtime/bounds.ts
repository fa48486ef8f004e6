import { EventEmitter } from 'node:events';

/**
 * A time limit that also aborts when the caller disconnects. Unlike that of `AbortSignal.timeout`, its timer can be
 * stopped and restarted. undici accepts an emitter of `abort` as a signal; an `AbortSignal` would cost each call about
 * 10 µs more.
 *
 * @see https://undici.nodejs.org/#/docs/api/Dispatcher?id=parameter-requestoptions
 */
export class Deadline extends EventEmitter<{ abort: [] }> {
  /** Whether it was aborted. */
  aborted = false;
  /** Why it was aborted: the caller's reason, or a TimeoutError. */
  reason: unknown;
  #timer: NodeJS.Timeout | undefined;
  readonly #onCallerAbort = () => this.abort(this.caller?.reason);

  /** @param caller - The caller's signal, if it has one */
  constructor(private readonly caller?: AbortSignal) {
    super();
    if (caller?.aborted) this.#onCallerAbort();
    else caller?.addEventListener('abort', this.#onCallerAbort);
  }

  /**
   * Starts the timer, or restarts it.
   *
   * @param ms - Time until it aborts, ms
   * @param reason - Makes the reason, by default a TimeoutError
   */
  start(ms: number, reason: () => Error = timeout): void {
    this.stop();
    this.#timer = setTimeout(() => this.abort(reason()), ms);
  }

  /** Stops the timer; the caller can still disconnect. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Aborts now. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.emit('abort');
  }

  /** Returns the result of `work`; rejects with the reason as soon as this is aborted. */
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

  /** Stops the timer and removes the listener from the caller's signal. */
  dispose(): void {
    this.stop();
    this.caller?.removeEventListener('abort', this.#onCallerAbort);
  }
}

const timeout = () => new DOMException('The time is over.', 'TimeoutError');

/** The stable code of {@link QueueFull}. Compare it instead of the class, which Next bundles several times. */
export const QUEUE_FULL = 'QUEUE_FULL';

/** A call could not start: the queue is full, or the call was queued for too long. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
  readonly code = QUEUE_FULL;
}

/** Releases a permit; calling it again has no effect. */
export type Release = () => void;

/**
 * Limits how many calls are in flight and how many are queued; queued calls start first in, first out. undici's pool
 * has a queue of its own, but an unbounded one, which keeps calls whose caller has disconnected.
 */
export class Limiter {
  #free: number;
  /** In the order they were queued. */
  readonly #waiting = new Set<() => void>();

  /**
   * @param count - Calls in flight at once
   * @param queue - Calls that may be queued
   */
  constructor(
    private readonly count: number,
    private readonly queue: number,
  ) {
    this.#free = count;
  }

  /** Acquires a permit without waiting; null when none is free. */
  tryAcquire(): Release | null {
    if (this.#free === 0) return null;
    this.#free -= 1;
    return this.#release();
  }

  /**
   * Acquires a permit, or waits for one.
   *
   * @param deadline - How long to wait
   * @returns Releases the permit
   * @throws {QueueFull} when the queue is full, or no permit was released in time; otherwise the deadline's reason
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

  /** A released permit goes to the call that was queued first. */
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
