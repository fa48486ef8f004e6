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
    name: 'further-lines',
    guard: 'an error that quotes the request writes no line of its own into the log',
    tests: { kind: 'e2e', file: 'forged-log-lines.spec.ts', title: 'a Server Action' },
    edits: [{ find: "printed.replace(LINE_BREAK, '\\n| ')", replace: "printed.replace(LINE_BREAK, '\\n')" }],
  },
  {
    name: 'mint-on-read',
    guard: 'only a completed sign-in mints a session token: session reads keep theirs',
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
    name: 'session-limit-clock',
    guard: 'the session that just began is the newest, whatever other clocks say',
    tests: { kind: 'integration', file: 'session-limit.test.ts', title: 'a clock ahead' },
    edits: [{ find: 'Math.max(now, newest.createdAt + 1)', replace: 'Math.min(now, newest.createdAt + 1)' }],
  },
  {
    name: 'session-limit-counts-expired',
    guard: 'sessions past a deadline do not count for the limit',
    tests: { kind: 'integration', file: 'session-limit.test.ts', title: 'past a deadline' },
    edits: [
      {
        find: 'now < Math.min(idleDeadline, absoluteDeadline)',
        replace: 'idleDeadline < absoluteDeadline + now',
      },
    ],
  },
  {
    name: 'session-limit-own-order',
    guard: 'sign-ins that race put the sessions into the same order, so that they do not end each other',
    tests: { kind: 'integration', file: 'session-limit.test.ts', title: 'of one moment' },
    edits: [{ find: '|| (one.key < other.key ? -1 : 1)', replace: '' }],
  },
  {
    name: 'session-limit-race',
    guard: 'who signs in counts the sessions once the own one is there',
    tests: {
      kind: 'integration',
      file: 'session-limit.test.ts',
      title: 'race at the limit|concurrent sign-ins',
    },
    edits: [
      {
        find: 'const now = Date.now(); const sessionToken = newSessionToken();',
        replace: 'await keepLimit(signIn); const now = Date.now(); const sessionToken = newSessionToken();',
      },
      { find: "'replaced', now); await keepLimit(signIn);", replace: "'replaced', now);" },
      { find: 'slice(env().SESSIONS_PER_USER)', replace: 'slice(env().SESSIONS_PER_USER - 1)' },
    ],
  },
  {
    name: 'session-limit-unexplained',
    guard: '/login says that a session has ended because there were too many',
    tests: { kind: 'integration', file: 'session-limit.test.ts', title: 'at most SESSIONS_PER_USER' },
    edits: [
      {
        find: "if (state.endReason === 'signed-out' || state.endReason === 'over-limit') return",
        replace: "if (state.endReason === 'signed-out') return",
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
