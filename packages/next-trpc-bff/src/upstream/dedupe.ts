import { limits } from '../runtime/limits.js';
import type { TokenSource } from './token-source.js';
import { errorOfTransport } from './errors.js';
import { Deadline } from './deadline.js';
import type { UpstreamResponse } from './transport.js';

/** What makes two calls the same. */
export interface DedupeKey {
  /** Method and path template, for error messages. */
  readonly call: string;
  /** All that is sent, but for the token. */
  readonly key: string;
  /** Calls with a token, with one that may fall away, and without any share nothing. */
  readonly tokenSource: TokenSource;
  /** What says "unauthenticated": two endpoints may differ about the same answer. */
  readonly refuses: unknown;
}

interface InFlight {
  readonly dedupeKey: DedupeKey;
  readonly answer: Promise<UpstreamResponse>;
  readonly deadline: Deadline;
  /** Who had the answer. */
  readonly answered: WeakSet<object>;
  /** How many wait for the answer. */
  waiting: number;
  /** When it was answered, ms on `performance`'s clock; null until then. */
  answeredAt: number | null;
}

/**
 * The answers that the calls of one request share: the same GET is sent once, for a layout, its page and their
 * metadata alike. What failed is shared by those who wait for it, and asked anew by who comes later.
 */
export class RequestDedupe {
  #inFlight: InFlight[] = [];

  /**
   * Asks, or waits for the answer to the same question.
   *
   * @param caller - Stands for one procedure call: one that asks again after an answer wants to know what is new
   * @param signal - The asker's; the call is given up when all who wait for it have gone
   * @param send - Asks the upstream
   * @returns An answer whose payload is the asker's own
   * @throws {UpstreamError} CLIENT_CLOSED_REQUEST when the asker goes away; what `send` throws
   */
  async run(
    dedupeKey: DedupeKey,
    caller: object,
    signal: AbortSignal | undefined,
    send: (deadline: Deadline) => Promise<UpstreamResponse>,
  ): Promise<UpstreamResponse> {
    if (signal?.aborted) throw errorOfTransport(dedupeKey.call, signal.reason, signal);
    const known = this.#inFlight.find(
      (inFlight) => isSame(inFlight.dedupeKey, dedupeKey) && isOpenTo(inFlight, caller),
    );
    const inFlight = known ?? this.#start(dedupeKey, send);
    const answer = await answerFor(inFlight, dedupeKey.call, signal);
    inFlight.answered.add(caller);
    if (!known || answer.json === null) return answer;
    return { ...answer, payload: JSON.parse(answer.json) };
  }

  /** Forgets all answers, those under way too: something was changed, or is about to be. */
  clear(): void {
    this.#inFlight = [];
  }

  #start(dedupeKey: DedupeKey, send: (deadline: Deadline) => Promise<UpstreamResponse>): InFlight {
    const deadline = new Deadline();
    const answer = send(deadline).then(
      (answer) => {
        if (answer.status < 200 || answer.status > 299) this.#drop(inFlight);
        else inFlight.answeredAt = performance.now();
        return answer;
      },
      (cause: unknown) => {
        this.#drop(inFlight);
        throw cause;
      },
    );
    const inFlight: InFlight = {
      dedupeKey: dedupeKey,
      answer,
      deadline: deadline,
      answered: new WeakSet(),
      waiting: 0,
      answeredAt: null,
    };
    const others = this.#inFlight.filter((other) => !isSame(other.dedupeKey, dedupeKey) && !isOld(other));
    this.#inFlight = [...others, inFlight];
    return inFlight;
  }

  #drop(inFlight: InFlight): void {
    this.#inFlight = this.#inFlight.filter((other) => other !== inFlight);
  }
}

const isSame = (one: DedupeKey, other: DedupeKey) =>
  one.key === other.key && one.tokenSource === other.tokenSource && one.refuses === other.refuses;

const isOld = ({ answeredAt }: InFlight) =>
  answeredAt !== null && performance.now() - answeredAt > limits().dedupeMs;

const isOpenTo = (inFlight: InFlight, caller: object) =>
  !inFlight.deadline.aborted && (inFlight.answeredAt === null || (!isOld(inFlight) && !inFlight.answered.has(caller)));

/** Waits for a flight's answer; the last who leaves gives the call up. */
function answerFor(inFlight: InFlight, call: string, signal: AbortSignal | undefined): Promise<UpstreamResponse> {
  inFlight.waiting += 1;
  // Who cannot leave keeps the call going.
  if (!signal) return inFlight.answer;
  return new Promise((resolve, reject) => {
    const leave = () => {
      inFlight.waiting -= 1;
      if (inFlight.waiting === 0) inFlight.deadline.abort(signal.reason);
      reject(errorOfTransport(call, signal.reason, signal));
    };
    const stay = () => signal.removeEventListener('abort', leave);
    signal.addEventListener('abort', leave);
    inFlight.answer.then(
      (answer) => {
        stay();
        resolve(answer);
      },
      (cause: unknown) => {
        stay();
        reject(cause);
      },
    );
  });
}
