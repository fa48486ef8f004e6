import { type LoginMapping, loginMapping } from '../auth/tokens/login-mapping.js';
import { type Limits, limits } from '../runtime/limits.js';
import { type Conventions, conventions } from '../upstream/conventions.js';

/** Options of the layer that an application sets once. */
export interface BffOptions {
  /** How the API says "unauthenticated" and "forbidden", wraps its payload and lists field errors. */
  readonly conventions?: Partial<Conventions>;
  /** Requests and answers of the API's own login. */
  readonly login?: Partial<LoginMapping>;
  /** Limits of requests, upstream calls and subscriptions. */
  readonly limits?: Partial<Limits>;
}

/**
 * Sets the layer's options for the whole process. Call it once, in `server/bff.ts`.
 *
 * @param options - Options that are absent keep their defaults
 */
export function configureBff(options: BffOptions): void {
  conventions.set(options.conventions ?? {});
  loginMapping.set(options.login ?? {});
  limits.set(options.limits ?? {});
}
