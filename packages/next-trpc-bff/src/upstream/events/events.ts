import { randomUUID } from 'node:crypto';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import { callWithToken, RequestDedupe, type UpstreamContext } from '../call.js';
import { errorOfAnswer, UpstreamError } from '../errors.js';
import { type TokenSource, withoutToken } from '../token-source.js';
import type { EventOptions } from '../upstream.js';
import { sharedEvents } from './shared.js';
import type { EventSource, UpstreamEvent } from './source.js';

/** How long an upstream may send neither events nor comments, ms: longer than its heartbeat. */
const SILENCE_MS = 60_000;

/**
 * Subscribes to events of the upstream on behalf of a procedure call.
 *
 * @param call - Method and path template, for error messages
 * @param path - Path and query
 * @param options - See {@link EventOptions}
 * @param parseEvent - Holds an event's content to its shape
 * @param on - The request it works for, and where its token comes from
 * @returns The content of each event with the event's id. Null, which the client link takes out, says where the stream
 *   is while there is no event
 * @throws {UpstreamError} BAD_GATEWAY for an event of another shape; what `follow` and `sharedEvents` throw
 */
export async function* upstreamEvents<T>(
  call: string,
  path: string,
  options: EventOptions,
  parseEvent: (payload: unknown) => Promise<T>,
  { caller, tokenSource }: { caller: UpstreamContext; tokenSource: TokenSource },
): AsyncGenerator<TrackedEnvelope<T>> {
  const { lastEventId = null, read = (event) => parsed(call, event), headers = {} } = options;
  const name = JSON.stringify([tokenSource.name, path, headers]);
  const source = sourceOf(call, path, options, tokenSource);
  const signal = caller.signal ?? new AbortController().signal;
  // What everybody shares begins now: one stranger's last event must not be where others begin.
  const origin = tokenSource === withoutToken ? null : lastEventId;
  for await (const { id, event } of sharedEvents(name, source, { origin, lastEventId }, signal)) {
    const payload = event && (read(event) ?? null);
    yield payload === null ? position(id) : tracked(id, await parseEvent(payload));
  }
}

/** Says where a stream is. No subscriber sees it, since the client link takes it out: it has the type of nothing. */
const position = (id: string) => tracked(id, null as never);

function parsed(call: string, { data }: UpstreamEvent): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new UpstreamError('BAD_GATEWAY', call, 'sent an event without JSON', {}, cause);
  }
}

/** Where events come from when they are shared: by a request of its own, that of no subscriber. */
function sourceOf(
  call: string,
  path: string,
  { headers, silenceMs = SILENCE_MS }: EventOptions,
  tokenSource: TokenSource,
): EventSource {
  return {
    call,
    dueAt: tokenSource.dueAt,
    async open(lastEventId, signal) {
      const last = lastEventId !== null && { 'last-event-id': Buffer.from(lastEventId).toString('latin1') };
      const sent = {
        ...({ method: 'GET', path, isStreamed: true, silenceMs, retries: 0 } as const),
        headers: { accept: 'text/event-stream', ...headers, ...last },
      };
      const dedupe = new RequestDedupe();
      const caller = { signal, dedupe, tracing: { 'x-request-id': randomUUID() }, onSent() {} };
      const { body, ...answer } = await callWithToken(call, sent, caller, tokenSource);
      if (!body) throw errorOfAnswer(call, answer.status, answer.retryAfter, answer.payload);
      return { ...answer, body };
    },
  };
}
