import { defaultShouldDehydrateQuery, QueryClient } from '@tanstack/react-query';
import { type Backoff, backoffMs } from '../runtime/backoff.js';
import { codeOf } from './error-code.js';

/** Data younger than this is not fetched again on mount, ms: what the server just rendered, above all. */
const STALE_TIME_MS = 30_000;

const MAX_RETRIES = 2;

/** How long to wait before a failed query is retried. */
const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000, jitter: [1, 1] };

/** Codes of failures that may pass when the call is made again. */
const PASSING: readonly (string | null)[] = ['SERVICE_UNAVAILABLE', 'BAD_GATEWAY', 'GATEWAY_TIMEOUT', null];

/**
 * Makes a QueryClient: one a page in the browser, one a request on the server, where a shared one would show one
 * user's data to another.
 *
 * @see https://trpc.io/docs/client/react/server-components
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: STALE_TIME_MS, retry: shouldRetry, retryDelay },
      dehydrate: {
        shouldDehydrateQuery: (query) =>
          defaultShouldDehydrateQuery(query) || query.state.status === 'pending',
        // Errors of procedures are safe for the browser, and a redirect must reach the router unchanged.
        shouldRedactErrors: () => false,
      },
    },
  });
}

/**
 * Returns whether to retry a failed query: after failures that may pass, not after refusals and redirects.
 *
 * @param failures - How often it failed before this time
 */
export function shouldRetry(failures: number, error: unknown): boolean {
  if (typeof window === 'undefined' || failures >= MAX_RETRIES || isGatewayRefusal(error)) return false;
  // A prefetch failed with UNAUTHORIZED after the page had been sent: on the retry the link leaves the page.
  if (isRedirect(error)) return failures === 0;
  return PASSING.includes(codeOf(error));
}

const retryDelay = (failures: number, error: unknown) =>
  isRedirect(error) ? 0 : backoffMs(BACKOFF, failures);

const isRedirect = (error: unknown) =>
  typeof error === 'object' &&
  error !== null &&
  'digest' in error &&
  String(error.digest).startsWith('NEXT_REDIRECT');

const isGatewayRefusal = (error: unknown) =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'GATEWAY_UNAUTHORIZED';
