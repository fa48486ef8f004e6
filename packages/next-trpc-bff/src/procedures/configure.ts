import { type LoginMapping, loginMapping } from '../auth/tokens/login-mapping.js';
import { type Limits, limits } from '../runtime/limits.js';
import { type Conventions, conventions } from '../upstream/conventions.js';

/** What an application may say once, about its API and its limits. */
export interface BffOptions {
  /** How the API says "unauthenticated", wraps its payload and lists field errors. */
  readonly conventions?: Partial<Conventions>;
  /** How the API's own login is asked and understood. */
  readonly login?: Partial<LoginMapping>;
  /** What requests, upstream calls and subscriptions may take. */
  readonly limits?: Partial<Limits>;
}

/**
 * Says, for the whole process, what holds instead of the defaults. Called once, in `server/bff.ts`.
 *
 * @param options - What is absent keeps its default
 */
export function configureBff(options: BffOptions): void {
  conventions.set(options.conventions ?? {});
  loginMapping.set(options.login ?? {});
  limits.set(options.limits ?? {});
}
