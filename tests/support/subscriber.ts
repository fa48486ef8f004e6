import { isTrackedEnvelope } from '@trpc/server';

/** One that reads a subscription in this process, and notes what arrives. */
export interface Subscriber {
  readonly contents: unknown[];
  /** Id of the last event, or null. */
  readonly lastEventId: string | null;
  /** Resolves when the subscription ends: to the error that ended it, or null. */
  readonly ended: Promise<unknown>;
  leave(): Promise<void>;
}

/** Subscribes, until it leaves. */
export function subscriber(
  subscribe: (signal: AbortSignal) => Promise<AsyncIterable<unknown>>,
  lastEventId: string | null = null,
): Subscriber {
  const leaving = new AbortController();
  const seen = { contents: [] as unknown[], lastEventId };
  const read = async () => {
    for await (const event of await subscribe(leaving.signal)) {
      if (!isTrackedEnvelope(event)) throw new TypeError('The event has no id.');
      const [id, content] = event;
      seen.lastEventId = id;
      if (content !== null) seen.contents.push(content);
    }
    return null;
  };
  const ended = read().catch((error: unknown) => error);
  return Object.assign(seen, {
    ended,
    async leave() {
      leaving.abort();
      await ended;
    },
  });
}
