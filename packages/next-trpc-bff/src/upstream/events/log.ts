import type { UpstreamEvent } from './source.js';

/** How much is kept for slow subscribers. */
const KEPT_EVENTS = 256;
const KEPT_CHARACTERS = 262_144;

/** Returns the fraction of the log that an event takes up, from 0 to 1. */
export const shareOf = ({ data }: UpstreamEvent): number =>
  Math.min(Math.max(1 / KEPT_EVENTS, data.length / KEPT_CHARACTERS), 1);

/**
 * The newest events of one stream, each at a position that never changes. Subscribers hold only a position, so memory
 * is bounded however many there are and however slow they are.
 */
export class EventLog {
  readonly #events: UpstreamEvent[] = [];
  #first = 0;
  #characters = 0;
  #lastId: string | null;

  /** @param origin - Id of the event that the stream resumed after, or null */
  constructor(readonly origin: string | null) {
    this.#lastId = origin;
  }

  /** The position after the newest event. */
  get lastPosition(): number {
    return this.#first + this.#events.length;
  }

  /** Id of the newest event, or the origin before the first event; null when there is neither. */
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
   * Returns the position after the first event with an id, or null when there is none in the log. The first, because
   * delivering an event twice is better than losing one.
   */
  after(id: string): number | null {
    const index = this.#events.findIndex((event) => event.id === id);
    if (index >= 0) return this.#first + index + 1;
    return this.#first === 0 && id === this.origin ? 0 : null;
  }
}
