import { UPSTREAM_LIMITS } from '../limits';
import type { Authorization } from './authorization';
import { errorOfTransport } from './errors';
import { Patience } from './patience';
import type { Answer } from './transport';

/** What makes two calls the same. */
export interface Question {
  /** Method and path template, for error messages. */
  readonly call: string;
  /** All that is sent, but for the token. */
  readonly key: string;
  /** Calls with a token, with one that may fall away, and without any share nothing. */
  readonly authorization: Authorization;
  /** What says "unauthenticated": two endpoints may differ about the same answer. */
  readonly refuses: unknown;
}

interface Flight {
  readonly question: Question;
  readonly answer: Promise<Answer>;
  readonly patience: Patience;
  /** Who had the answer. */
  readonly told: WeakSet<object>;
  /** How many wait for the answer. */
  waiting: number;
  /** When it was answered, ms on `performance`'s clock; null until then. */
  answeredAt: number | null;
}

/**
 * The answers that the calls of one request share: the same GET is sent once, for a layout, its page and their
 * metadata alike. What failed is shared by those who wait for it, and asked anew by who comes later.
 */
export class SharedAnswers {
  #flights: Flight[] = [];

  /**
   * Asks, or waits for the answer to the same question.
   *
   * @param asker - Stands for one procedure call: one that asks again after an answer wants to know what is new
   * @param signal - The asker's; the call is given up when all who wait for it have gone
   * @param send - Asks the upstream
   * @returns An answer whose payload is the asker's own
   * @throws {UpstreamError} CLIENT_CLOSED_REQUEST when the asker goes away; what `send` throws
   */
  async ask(
    question: Question,
    asker: object,
    signal: AbortSignal | undefined,
    send: (patience: Patience) => Promise<Answer>,
  ): Promise<Answer> {
    if (signal?.aborted) throw errorOfTransport(question.call, signal.reason, signal);
    const known = this.#flights.find(
      (flight) => isSame(flight.question, question) && isOpenTo(flight, asker),
    );
    const flight = known ?? this.#start(question, send);
    const answer = await answerFor(flight, question.call, signal);
    flight.told.add(asker);
    if (!known || answer.json === null) return answer;
    return { ...answer, payload: JSON.parse(answer.json) };
  }

  /** Forgets all answers, those under way too: something was changed, or is about to be. */
  forget(): void {
    this.#flights = [];
  }

  #start(question: Question, send: (patience: Patience) => Promise<Answer>): Flight {
    const patience = new Patience();
    const answer = send(patience).then(
      (answer) => {
        if (answer.status < 200 || answer.status > 299) this.#drop(flight);
        else flight.answeredAt = performance.now();
        return answer;
      },
      (cause: unknown) => {
        this.#drop(flight);
        throw cause;
      },
    );
    const flight: Flight = {
      question,
      answer,
      patience,
      told: new WeakSet(),
      waiting: 0,
      answeredAt: null,
    };
    const others = this.#flights.filter((other) => !isSame(other.question, question) && !isOld(other));
    this.#flights = [...others, flight];
    return flight;
  }

  #drop(flight: Flight): void {
    this.#flights = this.#flights.filter((other) => other !== flight);
  }
}

const isSame = (one: Question, other: Question) =>
  one.key === other.key && one.authorization === other.authorization && one.refuses === other.refuses;

const isOld = ({ answeredAt }: Flight) =>
  answeredAt !== null && performance.now() - answeredAt > UPSTREAM_LIMITS.sharedMs;

const isOpenTo = (flight: Flight, asker: object) =>
  !flight.patience.aborted && (flight.answeredAt === null || (!isOld(flight) && !flight.told.has(asker)));

/** Waits for a flight's answer; the last who leaves gives the call up. */
function answerFor(flight: Flight, call: string, signal: AbortSignal | undefined): Promise<Answer> {
  flight.waiting += 1;
  // Who cannot leave keeps the call going.
  if (!signal) return flight.answer;
  return new Promise((resolve, reject) => {
    const leave = () => {
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.patience.giveUp(signal.reason);
      reject(errorOfTransport(call, signal.reason, signal));
    };
    const stay = () => signal.removeEventListener('abort', leave);
    signal.addEventListener('abort', leave);
    flight.answer.then(
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
