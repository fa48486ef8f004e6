import type { SessionState } from './state.js';

/** Why somebody stands before `/login`, as its `reason` parameter says; anything else in the parameter is ignored. */
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

/** Returns what to tell the owner of a dead session. */
export function reasonOfDeath(state: Extract<SessionState, { status: 'dead' }>): LoginReason {
  if (state.reason !== 'ended') return 'expired';
  if (state.endReason === 'signed-out' || state.endReason === 'over-limit') return state.endReason;
  return state.endReason === 'upstream-401' ? 'rejected' : 'expired';
}

/** Returns the address of `/login`, with what it shows and where it leads. */
export function loginUrl(callbackUrl: string, reason: LoginReason | null): string {
  const search = new URLSearchParams({
    ...(reason && { reason }),
    ...(callbackUrl !== '/' && { callbackUrl }),
  }).toString();
  return search ? `/login?${search}` : '/login';
}
