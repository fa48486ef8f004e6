import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { limits } from '../../runtime/limits.js';
import { UpstreamError } from '../errors.js';

/** A successful answer, body unread. */
export interface OpenStream {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: Readable;
}

/**
 * Asserts that an answer is a stream of events.
 *
 * @param call - Method and path template, for error messages
 * @throws {UpstreamError} BAD_GATEWAY when it is not
 */
export function assertEvents(call: string, { status, headers, body }: OpenStream): void {
  if (/^text\/event-stream\b/i.test(headers['content-type'] ?? '')) return;
  body.destroy();
  throw new UpstreamError('BAD_GATEWAY', call, `answered ${status} without events`, { status });
}

/**
 * Reads a stream of events until it ends.
 *
 * @param call - Method and path template, for error messages
 * @param answer - The stream, unread
 * @param onRetry - Called with the `retry` time of the stream: how long to wait before reconnecting, ms
 * @returns Its events as they arrive; leaving the loop closes the connection
 * @throws {UpstreamError} BAD_GATEWAY when an event exceeds the size limit
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* eventsIn(
  call: string,
  { body }: OpenStream,
  onRetry: (pauseMs: number) => void,
): AsyncGenerator<EventSourceMessage> {
  const receivedEvent: EventSourceMessage[] = [];
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: limits().eventCharacters,
    onEvent: (event) => void receivedEvent.push(event),
    onRetry,
    onError: ({ type }) => {
      isTooLarge ||= type === 'max-buffer-size-exceeded';
    },
  });
  const decoder = new TextDecoder();
  for await (const piece of body) {
    parser.feed(decoder.decode(piece, { stream: true }));
    yield* receivedEvent.splice(0);
    if (isTooLarge) throw new UpstreamError('BAD_GATEWAY', call, 'sent an event above the size limit');
  }
}
