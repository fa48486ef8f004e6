import type { UpstreamEvent } from './source.js';

/** How much is kept for subscribers that are behind. */
const KEPT_EVENTS = 256;
const KEPT_CHARACTERS = 262_144;

/** Returns which part of all that is kept an event takes, from 0 to 1. */
export const shareOf = ({ data }: UpstreamEvent): number =>
  Math.min(Math.max(1 / KEPT_EVENTS, data.length / KEPT_CHARACTERS), 1);

/**
 * The newest events of one stream, each at a position that never changes. Subscribers hold a position and nothing
 * else, so however many they are, and however slow, memory is bounded by this.
 */
export class EventLog {
  readonly #events: UpstreamEvent[] = [];
  #first = 0;
  #characters = 0;
  #lastId: string | null;

  /** @param origin - Id of the event after which the stream begins, or null when it began at no event */
  constructor(readonly origin: string | null) {
    this.#lastId = origin;
  }

  /** The position behind the newest event. */
  get lastPosition(): number {
    return this.#first + this.#events.length;
  }

  /** Id of the newest event, or of the one before the first; null while there was none. */
  get lastId(): string | null {
    return this.#lastId;
  }

  append(event: UpstreamEvent): void {
    this.#events.push(event);
    this.#characters += event.data.length;
    this.#lastId = event.id;
    while (this.#events.length > KEPT_EVENTS || this.#characters > KEPT_CHARACTERS) {
      if (this.#events.length === 1) return;
      this.#characters -= this.#events.shift()?.data.length ?? 0;
      this.#first += 1;
    }
  }

  /** Returns the event at a position; null when it is no longer kept. */
  at(position: number): UpstreamEvent | null {
    return this.#events[position - this.#first] ?? null;
  }

  /**
   * Returns the position after the event of an id, the first of those that have it: an event twice is better than
   * none. Null when that event is not among those kept.
   */
  after(id: string): number | null {
    const index = this.#events.findIndex((event) => event.id === id);
    if (index >= 0) return this.#first + index + 1;
    return this.#first === 0 && id === this.origin ? 0 : null;
  }
}
