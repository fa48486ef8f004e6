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
  start(ms: number): void {
    this.stop();
    const late = () => this.abort(new DOMException('The time is over.', 'TimeoutError'));
    this.#timer = setTimeout(late, ms);
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
