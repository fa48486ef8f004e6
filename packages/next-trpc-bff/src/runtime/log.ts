import { type Logger, pino } from 'pino';
import { env } from './env.js';
import { onePerProcess } from './one-per-process.js';

/**
 * Returns the process's logger: one JSON line an event on standard output, at `LOG_LEVEL` and above.
 * Log names, codes, statuses and durations; never a token, a cookie, a body or an upstream's text.
 */
export const log = (): Logger =>
  onePerProcess('log', () =>
    pino({ level: env().LOG_LEVEL, base: null, timestamp: pino.stdTimeFunctions.isoTime }),
  );

/** What may be logged of an error. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  readonly cause?: ErrorDescription;
}

/**
 * Reduces an error to what may be logged: its name, stable code and message, and those of its causes.
 *
 * @param error - Anything that was thrown
 * @returns Plain data without stack, response or request objects
 */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, cause } = error;
  // A parser's message quotes what it could not parse.
  const message = error instanceof SyntaxError ? undefined : error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    name,
    ...(message !== undefined && { message }),
    ...(code && { code }),
    ...(cause instanceof Error && { cause: describeError(cause) }),
  };
}
