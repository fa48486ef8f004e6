import { safeCallbackUrl } from '../http/callback-url.js';
import type { SessionState } from './state.js';

/** The values of the `reason` parameter of `/login`, why the user has to sign in; others are ignored. */
export const LOGIN_REASONS = [
  'expired',
  'rejected',
  'over-limit',
  'signed-out',
  'denied',
  'failed',
  'unreachable',
] as const;

/** One of {@link LOGIN_REASONS}. */
export type LoginReason = (typeof LOGIN_REASONS)[number];

/** Returns the reason in a request's `reason` parameter, or null when it is none of ours. */
export const loginReason = (value: unknown): LoginReason | null =>
  LOGIN_REASONS.find((reason) => reason === value) ?? null;

/** Returns the reason to show to the user of a dead session. */
export function reasonOfDeath(state: Extract<SessionState, { status: 'dead' }>): LoginReason {
  if (state.reason !== 'ended') return 'expired';
  if (state.endReason === 'signed-out' || state.endReason === 'over-limit') return state.endReason;
  return state.endReason === 'upstream-401' ? 'rejected' : 'expired';
}

/** Returns the address of `/login`, with the reason it shows and the path it returns to, see {@link safeCallbackUrl}. */
export function loginUrl(path: string, reason: LoginReason | null): string {
  const callbackUrl = safeCallbackUrl(path);
  const search = new URLSearchParams({
    ...(reason && { reason }),
    ...(callbackUrl !== '/' && { callbackUrl }),
  }).toString();
  return search ? `/login?${search}` : '/login';
}
