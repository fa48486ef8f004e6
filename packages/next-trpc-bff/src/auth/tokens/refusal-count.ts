import type { SessionRecord } from '../../session/record.js';
import { sessionStore } from '../../session/state.js';

/** So many refusals in a row mean that the provider will not renew the session any more. */
const MOST_REFUSALS = 3;

/** Refusals that are closer together count as one, ms: calls in parallel, or a short fault of the provider. */
const APART_MS = 5_000;

/**
 * Counts a refusal to renew that nobody understands, for all instances: in the session store, by the session and its
 * token version, so that a renewal starts the count anew.
 *
 * @param record - The session's record, as it was when its refresh token was refused
 * @returns `over` for the third in a row, each at least five seconds after the one before
 * @throws {SessionStoreUnavailable} when it could not be counted
 */
export async function countRefusal({
  key,
  tokenVersion,
  absoluteDeadline,
}: SessionRecord): Promise<'counted' | 'over'> {
  const name = ['refusal', key, tokenVersion].join(':');
  if (!(await sessionStore().markSeen(`${name}:recent`, Date.now() + APART_MS))) return 'counted';
  for (let count = 1; count < MOST_REFUSALS; count += 1)
    if (await sessionStore().markSeen(`${name}:${count}`, absoluteDeadline)) return 'counted';
  return 'over';
}
