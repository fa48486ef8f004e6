import type { Mutant } from '../mutant';

/** A session's life, and the store on SQLite that keeps it. */
export const session: readonly Mutant[] = [
  {
    name: 'background-touch',
    guard: 'a background poll keeps no session from going idle',
    tests: { kind: 'integration', file: 'sessions.test.ts', title: 'S4' },
    edits: [{ find: '&& !isBackground', replace: '' }],
  },
  {
    name: 'mint-on-read',
    guard: 'only a completed sign-in mints a handle: session reads keep theirs',
    tests: { kind: 'e2e', file: 'auth-traps.spec.ts' },
    edits: [
      {
        find: '...(sessionToken && { [SESSION_TOKEN]: sessionToken })',
        replace: "...(sessionToken && { [SESSION_TOKEN]: 'v1.' + recordKeyOf(sessionToken) })",
      },
    ],
  },
  {
    name: 'outage-is-dead',
    guard: 'a store that does not answer says nothing about the session',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L4' },
    edits: [
      {
        find: "return { status: 'unknown', cause };",
        replace: "return { status: 'dead', reason: 'absent' };",
      },
    ],
  },
  {
    name: 'save-into-ended',
    guard: 'tokens are saved only where the session lives',
    tests: { kind: 'integration', file: 'refresh.test.ts', title: 'L8' },
    edits: [
      {
        find: 'lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
        replace: 'lease_until = NULL WHERE key = ? AND token_version = ?',
      },
    ],
  },
  {
    name: 'save-without-version',
    guard: 'tokens are saved only at the version that was read',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'saved' },
    edits: [
      {
        find: 'lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
        replace: 'lease_until = NULL WHERE key = ? AND ? > 0 AND ended_at IS NULL',
      },
    ],
  },
  {
    name: 'token-issuer',
    guard: 'tokens go to whoever issued them, and to nobody else',
    tests: { kind: 'integration', file: 'password-login.test.ts', title: 'their issuer only' },
    edits: [{ find: 'return issuer === oidc?.AUTH_OIDC_ISSUER ?', replace: 'return oidc ?' }],
  },
  {
    name: 'touch-inserts',
    guard: 'touch only updates: a session read never revives a session after sign-out',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'touch' },
    edits: [
      {
        find: 'SET seen_at = ?, idle_deadline = ? WHERE key = ? AND ended_at IS NULL',
        replace: 'SET seen_at = ?, idle_deadline = ?, ended_at = NULL WHERE key = ?',
      },
    ],
  },
  {
    name: 'sessions-unbounded',
    guard: 'a user has only so many sessions',
    tests: { kind: 'integration', file: 'session-limit.test.ts', title: 'at most SESSIONS_PER_USER' },
    edits: [{ find: 'newestFirst.slice(env().SESSIONS_PER_USER)', replace: 'newestFirst.slice(1_000)' }],
  },
  {
    name: 'revocations-at-once',
    guard: 'revocations go to the provider a few at a time',
    tests: { kind: 'integration', file: 'revocations.test.ts', title: 'does not flood' },
    edits: [
      {
        find: 'new Limiter(REVOCATION_LIMITS.background, REVOCATION_LIMITS.waiting)',
        replace: 'new Limiter(10_000, REVOCATION_LIMITS.waiting)',
      },
    ],
  },
];
