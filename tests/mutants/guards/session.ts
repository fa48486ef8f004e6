import type { Mutant } from '../mutant';

/** A session's life, and how many a user has. */
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
    name: 'sessions-unbounded',
    guard: 'a user has only so many sessions',
    tests: { kind: 'integration', file: 'session-limit.test.ts', title: 'at most SESSIONS_PER_USER' },
    edits: [{ find: 'newestFirst.slice(env().SESSIONS_PER_USER)', replace: 'newestFirst.slice(1_000)' }],
  },
  {
    name: 'token-issuer',
    guard: 'tokens go to whoever issued them, and to nobody else',
    tests: { kind: 'integration', file: 'password-login.test.ts', title: 'their issuer only' },
    edits: [{ find: 'return issuer === oidc?.AUTH_OIDC_ISSUER ?', replace: 'return oidc ?' }],
  },
];
