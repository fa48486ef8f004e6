import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** An answer of events, read as it arrives. */
export interface ReadStream {
  readonly events: EventSourceMessage[];
  /** Contents of the events that carry one. */
  contents(): unknown[];
  /** Resolves when the answer has ended. */
  readonly ended: Promise<void>;
}

/** Reads an answer's events until it ends. */
export function readEvents(response: Response): ReadStream {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void events.push(event) });
  const read = async () => {
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) parser.feed(text);
  };
  return {
    events,
    contents: () =>
      events.filter(({ event }) => event === undefined).flatMap(({ data }) => JSON.parse(data) ?? []),
    ended: read(),
  };
}
