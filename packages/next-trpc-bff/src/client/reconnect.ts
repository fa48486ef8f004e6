import { type Operation, TRPCClientError, type TRPCLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { type Backoff, backoffMs } from '../runtime/backoff.js';
import { codeOf } from './error-code.js';

/** How long to wait before reconnecting. */
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000, jitter: [0.5, 1] };

/** How long connecting may take, ms; after that the server's pings are awaited. */
const PATIENCE_MS = 30_000;

/** A connection that lasted this long, ms, resets the pauses. */
const STEADY_MS = 30_000;

/** Codes of failures after which the subscription is tried again; after server errors tRPC's own link does so. */
const PASSING: readonly (string | null)[] = [null, 'TOO_MANY_REQUESTS'];

/**
 * The link that keeps a subscription connected. When the connection breaks it reconnects with backoff, and resumes after
 * the last event. An EventSource would reconnect immediately, in all browsers at the same moment, and not at all after a
 * gateway's 502. A refusal, such as UNAUTHORIZED or FORBIDDEN, ends the subscription.
 */
export const reconnecting: TRPCLink<AnyTRPCRouter> = () => {
  return ({ op, next }) =>
    observable((observer) => {
      let lastEventId = lastEventIdOf(op);
      let failures = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;
      let disconnect = () => {};

      function connect() {
        const began = Date.now();
        let isCurrent = true;
        timer = setTimeout(
          () => connectAgain(new TRPCClientError('The server does not answer.')),
          PATIENCE_MS,
        );
        const connection = next(goingOnAfter(op, lastEventId)).subscribe({
          next(envelope) {
            const { result } = envelope;
            if (!isCurrent) return;
            if (result.type === 'state' && result.state === 'connecting' && result.error)
              return connectAgain(result.error);
            if (result.type === 'started') clearTimeout(timer);
            if (result.type === undefined || result.type === 'data') {
              lastEventId = result.id ?? lastEventId;
              failures = 0;
            }
            observer.next(envelope);
          },
          error(error) {
            if (!isCurrent) return;
            if (PASSING.includes(codeOf(error))) connectAgain(error);
            else observer.error(error);
          },
          complete() {
            if (isCurrent) observer.complete();
          },
        });
        disconnect = () => {
          isCurrent = false;
          connection.unsubscribe();
        };

        function connectAgain(error: TRPCClientError<AnyTRPCRouter>) {
          isCurrent = false;
          clearTimeout(timer);
          // This may be called while subscribing.
          queueMicrotask(() => connection.unsubscribe());
          observer.next({ result: { type: 'state', state: 'connecting', error } });
          failures = Date.now() - began > STEADY_MS ? 1 : failures + 1;
          timer = setTimeout(connect, backoffMs(BACKOFF, failures - 1));
        }
      }

      connect();
      return () => {
        clearTimeout(timer);
        disconnect();
      };
    });
};

/** Returns the id of the event that a subscription resumes after, or null. */
export function lastEventIdOf({ input }: Pick<Operation, 'input'>): string | null {
  if (typeof input !== 'object' || input === null || !('lastEventId' in input)) return null;
  return typeof input.lastEventId === 'string' ? input.lastEventId : null;
}

/** Returns the same subscription, to resume after an event. */
export const goingOnAfter = (op: Operation, lastEventId: string | null): Operation =>
  lastEventId === null ? op : { ...op, input: { ...Object(op.input), lastEventId } };
