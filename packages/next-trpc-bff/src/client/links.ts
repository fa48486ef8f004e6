import {
  type HTTPLinkOptions,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  isNonJsonSerializable,
  loggerLink,
  type Operation,
  splitLink,
  TRPCClientError,
  type TRPCLink,
} from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { observable } from '@trpc/server/observable';
import { BACKGROUND_HEADER, LINK_HEADER, STALE_QUERIES_HEADER, WIRE_LIMITS } from '../http/wire.js';
import { withBasePath } from '../runtime/base-path.js';
import { codeOf } from './error-code.js';
import { fieldsHeader, sendFileAsBody } from './file-link.js';
import { LEAVING_TIMEOUT_MS, leaveForGateway, leaveForLogout } from './leave.js';
import { oneConnection } from './one-connection.js';
import { reconnecting } from './reconnect.js';

declare module '@trpc/client' {
  interface OperationContext {
    /** False for a call that rejects with UNAUTHORIZED instead of leaving the page. Default true. */
    redirect?: boolean;
    /** A call that the user did not cause: it does not keep the session from going idle. */
    background?: boolean;
  }
}

const ENDPOINT = withBasePath('/api/trpc');

/** A 401 from a gateway in front of our endpoint, not from the endpoint itself. */
export class GatewayUnauthorized extends Error {
  override readonly name = 'GatewayUnauthorized';
  readonly code = 'GATEWAY_UNAUTHORIZED';

  constructor() {
    super(
      'Something between this page and the application refuses your requests (401), though you may still be signed in. Retry, or sign out and in again.',
    );
  }
}

/**
 * Returns the chain of links, first to last: log (development), leave on UNAUTHORIZED, take files out of inputs, send.
 *
 * @param signedInAs - Id of the user that the page was rendered for, or null
 * @param onStale - Called with the queries that a mutation made stale, by path or its beginning
 * @see https://trpc.io/docs/client/links
 */
export function createLinks(
  signedInAs: string | null,
  onStale: (paths: readonly string[]) => void,
): TRPCLink<AnyTRPCRouter>[] {
  const http = { url: ENDPOINT, fetch: fetchTelling(onStale) };
  const isDevelopment = process.env.NODE_ENV === 'development';
  return [
    loggerLink({
      enabled: (call) => isDevelopment && call.direction === 'down' && call.result instanceof Error,
    }),
    leaveOnUnauthorized,
    sendFileAsBody,
    typeof window === 'undefined'
      ? neverWhileRendering
      : splitLink({
          condition: ({ type }) => type === 'subscription',
          true: [
            oneConnection(signedInAs),
            reconnecting,
            httpSubscriptionLink({ url: ENDPOINT, connectionParams: { user: signedInAs ?? '' } }),
          ],
          false: splitLink({
            condition: ({ input }) => isNonJsonSerializable(input),
            true: httpLink({
              ...http,
              headers: ({ op }) => ({ ...headersFor([op]), ...fieldsHeader(op.context) }),
            }),
            false: httpBatchLink({
              ...http,
              headers: ({ opList }) => headersFor(opList),
              maxItems: WIRE_LIMITS.batchSize,
              maxURLLength: WIRE_LIMITS.urlLength - 1_024,
            }),
          }),
        }),
  ];
}

const headersFor = (operations: readonly Pick<Operation, 'context'>[]) => ({
  [LINK_HEADER]: 'react',
  ...(operations.every(({ context }) => context['background'] === true) && { [BACKGROUND_HEADER]: '1' }),
});

/**
 * The link that answers UNAUTHORIZED by leaving for `/logout`. The failed call stays pending while the page leaves, so
 * that nothing flashes, retries or lands in an error boundary; if the page is still there after ten seconds, the call
 * fails.
 */
export const leaveOnUnauthorized: TRPCLink<AnyTRPCRouter> = () => {
  return ({ next, op }) =>
    observable((observer) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const calling = next(op).subscribe({
        next: (value) => observer.next(value),
        complete: () => observer.complete(),
        error(error) {
          const stays = typeof window === 'undefined' || op.context['redirect'] === false;
          if (stays || !leavesFor(error)) observer.error(error);
          else timer = setTimeout(() => observer.error(error), LEAVING_TIMEOUT_MS);
        },
      });
      return () => {
        clearTimeout(timer);
        calling.unsubscribe();
      };
    });
};

function leavesFor(error: unknown): boolean {
  if (error instanceof TRPCClientError && error.cause instanceof GatewayUnauthorized)
    return leaveForGateway();
  return isUnauthorized(error) && leaveForLogout({ announce: true });
}

/**
 * Returns whether the code of an error is UNAUTHORIZED. Checks the structure and not the class, which is lost when
 * React serializes the error.
 *
 * @param error - Anything that was thrown
 */
export function isUnauthorized(error: unknown): boolean {
  return codeOf(error) === 'UNAUTHORIZED';
}

type Fetch = NonNullable<HTTPLinkOptions<AnyTRPCRouter['_def']['_config']['$types']>['fetch']>;

/** Our endpoint always answers in tRPC's JSON; a 401 in anything else comes from a gateway and cannot be parsed. */
const fetchTelling =
  (onStale: (paths: readonly string[]) => void): Fetch =>
  async (input, init) => {
    const response = await fetch(input, { ...init, signal: init?.signal ?? null });
    if (response.status === 401 && !(await isOurs(response.clone()))) throw new GatewayUnauthorized();
    const stale = response.headers.get(STALE_QUERIES_HEADER);
    if (stale) onStale(stale.split(','));
    return response;
  };

const errorIn = (item: unknown) =>
  typeof item === 'object' && item !== null && 'error' in item ? item.error : null;

async function isOurs(response: Response): Promise<boolean> {
  const body: unknown = await response.json().catch(() => null);
  const items = [body].flat();
  return items.length > 0 && items.every((item) => codeOf(errorIn(item)) !== null);
}

/** A client component that renders on the server has no cookies, and must not call its own server over HTTP. */
const neverWhileRendering: TRPCLink<AnyTRPCRouter> = () => {
  return ({ op }) =>
    observable((observer) => {
      observer.error(
        new TRPCClientError(
          `${op.path} was called while rendering on the server: prefetch it in a Server Component.`,
        ),
      );
    });
};
