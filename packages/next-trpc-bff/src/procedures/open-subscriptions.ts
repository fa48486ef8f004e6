import { limits } from '../runtime/limits.js';
import { onePerProcess } from '../runtime/process.js';

const counts = () => onePerProcess('open-subscriptions', () => new Map<string, number>());

/**
 * Counts a subscription that a session opens.
 *
 * @param key - The session's key in the store
 * @returns What counts it no more, to be called once; null when the session has as many as it may
 */
export function countSubscription(key: string): (() => void) | null {
  const open = counts().get(key) ?? 0;
  if (open >= limits().subscriptionsPerSession) return null;
  counts().set(key, open + 1);
  return () => {
    const left = (counts().get(key) ?? 1) - 1;
    if (left > 0) counts().set(key, left);
    else counts().delete(key);
  };
}
