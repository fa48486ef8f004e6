import { EventEmitter, once } from 'node:events';
import { setImmediate as subscribersTurn } from 'node:timers/promises';
import { log, onePerProcess } from '../../runtime/process.js';
import { EventLog, shareOf } from './log.js';
import { SilentClose } from './silent-close.js';
import { type EventSource, follow, isOurId, type UpstreamEvent, upstreamIdOf } from './source.js';

/** How long a stream stays open without subscribers, ms, so that one that reconnects finds what it missed. */
const LINGER_MS = 5_000;

/** The fraction of the log that may arrive before subscribers run; otherwise a burst would overtake them. */
const BURST = 1 / 8;

const streams = () => onePerProcess('shared-events', () => new Map<string, SharedStream>());

/**
 * Subscribes to events of the upstream. All subscribers with the same name share one request and a log of its newest
 * events. Each reads at its own speed; one that falls behind the log is disconnected and resumes from its last event.
 *
 * @param name - Identifies the credentials and the request: subscribers with the same name get the same events
 * @param source - Opens the stream if there is none of this name
 * @param after - `lastEventId` is the event to resume after, or null to start now; `origin` is the event from which to
 *   open the stream if there is none
 * @param signal - Ends the subscription
 * @returns Events, each once and without gaps; a null event carries only the position of the stream, as its id
 * @throws {UpstreamError} when the upstream refuses or remains unreachable, or too many streams are open
 * @throws {SilentClose} when the subscriber was too slow
 */
export async function* sharedEvents(
  name: string,
  source: EventSource,
  { origin, lastEventId }: { origin: string | null; lastEventId: string | null },
  signal: AbortSignal,
): AsyncGenerator<Pick<UpstreamEvent, 'id'> & { event: UpstreamEvent | null }> {
  const stream = streams().get(name) ?? new SharedStream(name, source, origin);
  stream.join();
  try {
    let position = lastEventId === null ? null : stream.log.after(lastEventId);
    const isNew = position === null && (lastEventId === null || upstreamIdOf(lastEventId) === null);
    if (isNew) position = stream.log.lastPosition;
    const { lastId } = stream.log;
    // An id that occurs more than once does not identify a position.
    if (isNew && lastId !== null && stream.log.after(lastId) === position) yield { id: lastId, event: null };
    if (position === null) {
      // Older than the log: read a separate stream until it reaches the shared one.
      for await (const event of follow(source, lastEventId, signal)) {
        yield { id: event.id, event };
        position = meeting(stream.log, event.id);
        if (position !== null) break;
      }
      if (position === null) return;
    }
    for await (const event of stream.from(position, signal)) yield { id: event.id, event };
  } finally {
    stream.leave();
  }
}

/** Returns where in the log a separate stream can continue after the event of an id; null while it is behind. */
function meeting(log: EventLog, id: string): number | null {
  const position = log.after(id);
  if (position !== null || !isOurId(id)) return position;
  // Our own ids differ between two streams: compare the last id that the upstream gave.
  const last = log.lastId === null ? null : upstreamIdOf(log.lastId);
  return last === null || last === upstreamIdOf(id) ? log.lastPosition : null;
}

class SharedStream {
  readonly log: EventLog;
  readonly #name: string;
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #abandoned = new AbortController();
  #subscribers = 0;
  #linger: NodeJS.Timeout | undefined;
  #outcome: { readonly error: unknown } | null = null;

  constructor(name: string, source: EventSource, origin: string | null) {
    this.log = new EventLog(origin);
    this.#name = name;
    streams().set(name, this);
    void this.#read(source, origin);
  }

  join(): void {
    this.#subscribers += 1;
    clearTimeout(this.#linger);
  }

  leave(): void {
    this.#subscribers -= 1;
    if (this.#subscribers === 0) this.#linger = setTimeout(() => this.#abandon(), LINGER_MS).unref();
  }

  async *from(position: number, signal: AbortSignal): AsyncGenerator<UpstreamEvent> {
    for (let at = position; ; at += 1) {
      while (at === this.log.lastPosition) {
        if (this.#outcome) {
          if (this.#outcome.error !== null) throw this.#outcome.error;
          return;
        }
        await once(this.#news, 'news', { signal });
      }
      const event = this.log.at(at);
      if (!event) {
        log().warn({ event: 'subscriber_fell_behind' });
        throw new SilentClose('The subscriber was too slow.');
      }
      yield event;
    }
  }

  async #read(source: EventSource, origin: string | null): Promise<void> {
    let error: unknown = null;
    let burst = 0;
    try {
      for await (const event of follow(source, origin, this.#abandoned.signal)) {
        this.log.append(event);
        this.#news.emit('news');
        burst += shareOf(event);
        if (burst < BURST) continue;
        burst = 0;
        await subscribersTurn();
      }
    } catch (cause) {
      error = cause;
    }
    this.#outcome = { error };
    this.#remove();
    this.#news.emit('news');
  }

  #abandon(): void {
    this.#remove();
    this.#abandoned.abort();
  }

  #remove(): void {
    if (streams().get(this.#name) === this) streams().delete(this.#name);
  }
}
