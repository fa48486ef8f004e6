import { type Logger, pino } from 'pino';
import { type Env, readEnv } from './env.js';

/**
 * Returns the one instance of something that must exist once per process. Next bundles a module several times (pages,
 * route handlers, instrumentation, proxy), so module state is not process state; `globalThis` under a registered symbol
 * is.
 *
 * @param name - What it is, unique within the layer, e.g. `'session-store'`
 * @param create - Makes it on first use; never called at import time, so `next build` opens nothing
 * @returns The instance, the same one for every caller of this name
 * @throws Whatever `create` throws; the next call tries again
 */
export function onePerProcess<T>(name: string, create: () => T): T {
  const key = Symbol.for(`next-trpc-bff.${name}`);
  const registry: { [key: symbol]: unknown } = globalThis;
  if (!(key in registry)) registry[key] = create();
  return registry[key] as T;
}

/** A set of options, with defaults for those that an application does not set. */
export interface Option<T extends object> {
  /** Returns the options in force. */
  (): T;
  /** Sets options for the whole process; those that are absent get their defaults. */
  set(changes: Partial<T>): void;
}

/**
 * Makes a set of options that an application gives once. They are kept on `globalThis`, since Next bundles a module
 * several times: all copies read the same options.
 *
 * @param name - What it is about, unique within the layer, e.g. `'limits'`
 * @param defaults - For the options that the application does not set
 */
export function option<T extends object>(name: string, defaults: T): Option<T> {
  const key = Symbol.for(`next-trpc-bff.options.${name}`);
  const registry: { [key: symbol]: unknown } = globalThis;
  const current = () => (registry[key] ?? defaults) as T;
  return Object.assign(current, {
    set(changes: Partial<T>) {
      registry[key] = { ...defaults, ...changes };
    },
  });
}

/**
 * Returns the configuration of this process, read once.
 *
 * @throws {InvalidConfiguration} see {@link readEnv}
 */
export const env = (): Env => onePerProcess('env', () => readEnv(process.env));

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
  /** HTTP status and OAuth error code with which an identity provider refused. */
  readonly status?: number;
  readonly oauthError?: string;
  readonly cause?: ErrorDescription;
}

/**
 * Reduces an error to what may be logged: its name, stable code and message, the status and code of a
 * provider's refusal, and those of its causes.
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
    ...('status' in error && typeof error.status === 'number' && { status: error.status }),
    ...('oauthError' in error && typeof error.oauthError === 'string' && { oauthError: error.oauthError }),
    ...(cause instanceof Error && { cause: describeError(cause) }),
  };
}
