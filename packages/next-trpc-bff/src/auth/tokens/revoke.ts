import { Deadline, Limiter, type Release } from '../../runtime/bounds.js';
import { REVOCATION_LIMITS } from '../../runtime/limits.js';
import { describeError, log, onePerProcess } from '../../runtime/process.js';
import type { SessionRecord, Tokens } from '../../session/record.js';
import { tokenIssuerOf } from './token-issuer.js';

/** Tokens to revoke, and their issuer. */
export interface Revocable {
  readonly record: Pick<SessionRecord, 'issuer'>;
  readonly tokens: Tokens;
}

/** A user who signs out waits for the provider, and must not wait behind a thousand other sessions. */
type Kind = 'awaited' | 'background';

const revocations = () =>
  onePerProcess('revocations', () => ({
    awaited: new Limiter(REVOCATION_LIMITS.awaited, REVOCATION_LIMITS.waiting),
    background: new Limiter(REVOCATION_LIMITS.background, REVOCATION_LIMITS.waiting),
    open: new Set<Promise<unknown>>(),
  }));

/**
 * Revokes a session's refresh token (its access token where there is none) at its issuer, and waits a bounded time. For
 * a user who signs out; everything else uses {@link revokeInBackground}.
 *
 * @param revocable - The session, with the tokens to forget
 * @param boundMs - How long to wait, ms; the attempt itself goes on in the background
 * @returns Whether the provider answered within the bound, be it with a refusal; never rejects
 */
export async function revokeAtProvider(revocable: Revocable, boundMs: number): Promise<boolean> {
  const deadline = new Deadline();
  deadline.start(boundMs);
  return deadline
    .race(begin('awaited', revocable))
    .catch(() => false)
    .finally(() => deadline.dispose());
}

/**
 * The same without waiting: a few are sent at once, the others are queued. Tokens that stay queued too long, or find
 * the queue full, are logged and left to expire.
 *
 * @param revocable - The session, with the tokens to forget
 */
export function revokeInBackground(revocable: Revocable): void {
  void begin('background', revocable);
}

/**
 * Waits for the revocations in flight before the process stops.
 *
 * @returns When all of them are over, or {@link REVOCATION_LIMITS}`.stopMs` are; never rejects
 */
export async function revocationsOver(): Promise<void> {
  const { open } = revocations();
  const deadline = new Deadline();
  deadline.start(REVOCATION_LIMITS.stopMs);
  while (open.size > 0 && !deadline.aborted) await deadline.race(Promise.all(open)).catch(() => {});
  deadline.dispose();
  if (open.size > 0) log().warn({ event: 'revocations_abandoned', count: open.size });
}

function begin(kind: Kind, revocable: Revocable): Promise<boolean> {
  const { open } = revocations();
  const revocation = revoke(kind, revocable).finally(() => open.delete(revocation));
  open.add(revocation);
  return revocation;
}

async function revoke(kind: Kind, { record, tokens }: Revocable): Promise<boolean> {
  let release: Release;
  try {
    release = await turn(revocations()[kind]);
  } catch (error) {
    log().warn({ event: 'revocation_failed', error: describeError(error) });
    return false;
  }
  const answer = await tokenIssuerOf(record).revoke(tokens).finally(release);
  if (answer.kind === 'confirmed') return true;
  log().warn({ event: 'revocation_failed', error: describeError(answer.cause) });
  return answer.kind === 'refused';
}

async function turn(limiter: Limiter): Promise<Release> {
  const free = limiter.tryAcquire();
  if (free) return free;
  const deadline = new Deadline();
  deadline.start(REVOCATION_LIMITS.waitMs);
  return limiter.acquire(deadline).finally(() => deadline.dispose());
}
