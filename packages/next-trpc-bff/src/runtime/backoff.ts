/** How long to pause between attempts. */
export interface Backoff {
  /** The first pause, ms; each later one is twice as long. */
  readonly firstMs: number;
  /** The longest pause before jitter, ms. */
  readonly longestMs: number;
  /** The least and the greatest factor that a pause is multiplied by at random: `[1, 1]` for no jitter. */
  readonly jitter: readonly [least: number, greatest: number];
}

/**
 * Returns how long to pause before the next attempt, ms: exponential backoff with jitter, so that clients that failed
 * together do not come back together.
 *
 * @param repeats - How many pauses there were before
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(
  { firstMs, longestMs, jitter: [least, greatest] }: Backoff,
  repeats: number,
): number {
  const factor = least + Math.random() * (greatest - least);
  return Math.min(firstMs * 2 ** repeats, longestMs) * factor;
}
