import type { Readable } from 'node:stream';
import { SEND_AGAIN } from '../http/wire.js';
import { Deadline } from '../runtime/bounds.js';
import { limits } from '../runtime/limits.js';
import { conventions, type Verdict } from './conventions.js';
import { errorOfTransport, UpstreamError } from './errors.js';
import type { JudgedResponse, UpstreamCaller, UpstreamRequest, UpstreamResponse } from './request.js';
import { headersFrom, isStream } from './serialize.js';
import type { TokenSource } from './token-source.js';
import { isSuccess, sendWithRetry } from './transport.js';

/** The part of a request's context that its upstream calls need. */
export interface UpstreamContext extends UpstreamCaller {
  /** Answers that the request's calls share. */
  readonly dedupe: RequestDedupe;
}

/** Two calls with equal keys share an answer. */
export interface DedupeKey {
  /** Method and path template, for error messages. */
  readonly call: string;
  /** Everything that is sent except the token. */
  readonly key: string;
  /** Calls that require a token, calls with an optional one and calls without one do not share answers. */
  readonly tokenSource: TokenSource;
  /** The verdict on answers: two endpoints may judge the same answer differently. */
  readonly verdict: unknown;
}

interface InFlight {
  readonly dedupeKey: DedupeKey;
  readonly answer: Promise<JudgedResponse>;
  readonly deadline: Deadline;
  /** Callers that have received the answer. */
  readonly answered: WeakSet<object>;
  /** How many callers wait for the answer. */
  waiting: number;
  /** When the answer arrived, ms on `performance`'s clock; null until then. */
  answeredAt: number | null;
}

/**
 * Dedupes the upstream calls of one request: the same GET is sent once for a layout, its page and their metadata. A
 * failure is shared by the callers that wait for it; a later caller sends the call again.
 */
export class RequestDedupe {
  #inFlight: InFlight[] = [];

  /**
   * Sends a call, or waits for the answer to the same one.
   *
   * @param caller - Identifies one procedure call: if it repeats a call that was answered, the call is sent again
   * @param signal - The caller's; the call is aborted once every caller that waits for it has disconnected
   * @param send - Calls the upstream
   * @returns The answer, with a copy of the payload for each caller
   * @throws {UpstreamError} CLIENT_CLOSED_REQUEST when the caller disconnects; what `send` throws
   */
  async run(
    dedupeKey: DedupeKey,
    caller: object,
    signal: AbortSignal | undefined,
    send: (deadline: Deadline) => Promise<JudgedResponse>,
  ): Promise<JudgedResponse> {
    if (signal?.aborted) throw errorOfTransport(dedupeKey.call, signal.reason, signal);
    const known = this.#inFlight.find(
      (other) => isSame(other.dedupeKey, dedupeKey) && isOpenTo(other, caller),
    );
    const inFlight = known ?? this.#start(dedupeKey, send);
    const answer = await answerFor(inFlight, signal);
    inFlight.answered.add(caller);
    if (!known || answer.json === null) return answer;
    return { ...answer, payload: JSON.parse(answer.json) };
  }

  /** Drops all answers, including those in flight, because a call changes data. */
  clear(): void {
    this.#inFlight = [];
  }

  #start(dedupeKey: DedupeKey, send: (deadline: Deadline) => Promise<JudgedResponse>): InFlight {
    const deadline = new Deadline();
    const answer = send(deadline).then(
      (answer) => {
        if (answer.verdict !== 'accepted' || !isSuccess(answer.status)) this.#drop(inFlight);
        else inFlight.answeredAt = performance.now();
        return answer;
      },
      (cause: unknown) => {
        this.#drop(inFlight);
        throw cause;
      },
    );
    const state = { answered: new WeakSet(), waiting: 0, answeredAt: null };
    const inFlight: InFlight = { dedupeKey, answer, deadline, ...state };
    const others = this.#inFlight.filter((other) => !isSame(other.dedupeKey, dedupeKey) && !isOld(other));
    this.#inFlight = [...others, inFlight];
    return inFlight;
  }

  #drop(inFlight: InFlight): void {
    this.#inFlight = this.#inFlight.filter((other) => other !== inFlight);
  }
}

const isSame = (one: DedupeKey, other: DedupeKey) =>
  one.key === other.key && one.tokenSource === other.tokenSource && one.verdict === other.verdict;

const isOld = ({ answeredAt }: InFlight) =>
  answeredAt !== null && performance.now() - answeredAt > limits().dedupeMs;

const isOpenTo = (inFlight: InFlight, caller: object) =>
  !inFlight.deadline.aborted &&
  (inFlight.answeredAt === null || (!isOld(inFlight) && !inFlight.answered.has(caller)));

/** Waits for an answer that other callers may share; when the last of them disconnects, the call is aborted. */
async function answerFor(inFlight: InFlight, signal: AbortSignal | undefined): Promise<JudgedResponse> {
  inFlight.waiting += 1;
  // A caller without a signal never disconnects, so the call is not aborted.
  if (!signal) return inFlight.answer;
  const wait = new Deadline(signal);
  try {
    return await wait.race(inFlight.answer);
  } catch (cause) {
    if (!wait.aborted) throw cause;
    inFlight.waiting -= 1;
    if (inFlight.waiting === 0) inFlight.deadline.abort(signal.reason);
    throw errorOfTransport(inFlight.dedupeKey.call, signal.reason, signal);
  } finally {
    wait.dispose();
  }
}

/**
 * Sends one call with a token. If the upstream rejects the token, renews it once and repeats the call once, with the
 * full timeout again.
 *
 * @param call - Method and path template, for error messages
 * @param request - What to send
 * @param context - The request it is sent for
 * @param tokenSource - Where tokens come from
 * @param deadline - When to stop waiting; by default when the caller disconnects
 * @returns The answer, whatever its status; if it says "unauthenticated", the call was sent without a token
 * @throws {UpstreamError} when there is no usable answer, and what `tokenSource` throws
 */
export async function callWithToken(
  call: string,
  request: UpstreamRequest,
  context: UpstreamContext,
  tokenSource: TokenSource,
  deadline = new Deadline(context.signal),
): Promise<JudgedResponse> {
  let body: Readable | null = null;
  try {
    const answer = await callThenRenew(call, request, context, tokenSource, deadline);
    body = answer.body;
    return answer;
  } finally {
    if (body) body.once('close', () => deadline.dispose());
    else deadline.dispose();
  }
}

async function callThenRenew(
  call: string,
  request: UpstreamRequest,
  context: UpstreamContext,
  tokenSource: TokenSource,
  deadline: Deadline,
): Promise<JudgedResponse> {
  const checked = request.headers ? { ...request, headers: headersFrom(call, request.headers) } : request;
  const send = async (token: string | null) =>
    judged(await sendWithRetry(call, checked, token, context, deadline), request);
  const first = await tokenSource.accessToken();
  const answer = await send(first);
  if (first === null || answer.verdict !== 'unauthenticated') return answer;
  deadline.stop();
  const second = await tokenSource.afterRejection(first);
  if (isStream(request.body)) {
    const what = 'took a stream that cannot be repeated with the renewed token: send it again';
    const failure = { status: answer.status, retryAfter: SEND_AGAIN };
    throw new UpstreamError('SERVICE_UNAVAILABLE', call, what, failure);
  }
  const again = await send(second);
  if (second === null || again.verdict !== 'unauthenticated') return again;
  await tokenSource.afterSecondRejection();
  return send(null);
}

/** Adds the verdict. Unless that is `accepted`, destroys the body, which would never release its permit. */
function judged(
  answer: UpstreamResponse,
  { verdict: verdictOf = conventions().verdict }: UpstreamRequest,
): JudgedResponse {
  let verdict: Verdict = 'unauthenticated';
  try {
    verdict = verdictOf(answer);
  } finally {
    if (verdict !== 'accepted') answer.body?.on('error', () => {}).destroy();
  }
  return verdict === 'accepted' ? { ...answer, verdict } : { ...answer, verdict, body: null };
}
