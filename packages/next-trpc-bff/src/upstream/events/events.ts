import { randomUUID } from 'node:crypto';
import { type TrackedEnvelope, tracked } from '@trpc/server';
import { callWithToken, RequestDedupe, type UpstreamContext } from '../call.js';
import { errorOfAnswer, errorOfVerdict, UpstreamError } from '../errors.js';
import { type TokenSource, withoutToken } from '../token-source.js';
import type { EventOptions } from '../upstream.js';
import { sharedEvents } from './shared.js';
import type { EventSource, UpstreamEvent } from './source.js';

/** How long an upstream may send neither events nor comments, ms; it must be longer than its heartbeat. */
const SILENCE_MS = 60_000;

/**
 * Subscribes to events of the upstream on behalf of a procedure call.
 *
 * @param call - Method and path template, for error messages
 * @param path - Path and query
 * @param options - See {@link EventOptions}
 * @param parseEvent - Parses an event's content
 * @param on - The request that subscribes, and the source of its token
 * @returns The content of each event with the event's id. Null content carries only the position of the stream; the
 *   client link removes it
 * @throws {UpstreamError} BAD_GATEWAY for an event that does not match; what `follow` and `sharedEvents` throw
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
  // A stream shared by all visitors starts now: one visitor's last event must not decide where the others start.
  const origin = tokenSource === withoutToken ? null : lastEventId;
  for await (const { id, event } of sharedEvents(name, source, { origin, lastEventId }, signal)) {
    const payload = event && (read(event) ?? null);
    yield payload === null ? position(id) : tracked(id, await parseEvent(payload));
  }
}

/** Carries the position of a stream. The client link removes it, so subscribers never see it: hence the type `never`. */
const position = (id: string) => tracked(id, null as never);

function parsed(call: string, { data }: UpstreamEvent): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new UpstreamError('BAD_GATEWAY', call, 'sent an event without JSON', {}, cause);
  }
}

/** Opens the shared stream by a request of its own, which is independent of any subscriber's request. */
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
      if (answer.verdict !== 'accepted') throw errorOfVerdict(call, answer, answer.verdict);
      if (!body) throw errorOfAnswer(call, answer.status, answer.retryAfter, answer.payload);
      return { ...answer, body };
    },
  };
}
