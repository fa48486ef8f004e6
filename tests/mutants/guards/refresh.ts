import type { Mutant } from '../mutant';

/** Renewing tokens, and what ends a session when that fails. */
export const refresh: readonly Mutant[] = [
  {
    name: 'end-not-committed',
    guard: 'a second 401 ends the session before UNAUTHORIZED leaves',
    tests: { kind: 'integration', file: 'refresh.test.ts', title: 'T11' },
    edits: [
      {
        find: "if (!(await endIfTokenVersion(current, 'upstream-401'))) await assertNewestTokens(current); else",
        replace: '',
      },
    ],
  },
  {
    name: 'flight-per-call',
    guard: 'one refresh at a time for a session',
    tests: { kind: 'integration', file: 'refresh.test.ts', title: 'T1' },
    edits: [{ find: 'inFlightRefreshes().set(key, refresh);', replace: '' }],
  },
  {
    name: 'invariant',
    guard: 'UNAUTHORIZED leaves only when the session has ended',
    tests: { kind: 'integration', file: 'procedures.test.ts', title: 'B14' },
    edits: [
      {
        find: "if (error.code === 'UNAUTHORIZED') return requireEndedSession(",
        replace: "if (error.code === 'PARSE_ERROR') return requireEndedSession(",
      },
    ],
  },
  {
    name: 'late-redemption',
    guard: 'whoever comes late reads the store before redeeming',
    tests: { kind: 'integration', file: 'refresh.test.ts', title: 'T4' },
    edits: [{ find: 'if (stored) return stored;', replace: '' }],
  },
  {
    name: 'late-rejection',
    guard: 'a 401 for a token that was renewed meanwhile renews nothing again',
    tests: { kind: 'integration', file: 'late-rejection.test.ts' },
    edits: [
      {
        find: 'if (current.tokens.accessToken !== rejected) return current.tokens.accessToken;',
        replace: '',
      },
    ],
  },
  {
    name: 'lease-for-all',
    guard: 'one process at a time redeems',
    tests: { kind: 'integration', file: 'refresh-lease.test.ts', title: 'T3' },
    edits: [{ find: "if (lease !== 'refused')", replace: 'if (lease)' }],
  },
  {
    name: 'optional-for-ever',
    guard: 'an optional stream asks for a token again after an outage',
    tests: { kind: 'integration', file: 'optional-procedures.test.ts', title: 'T10' },
    edits: [{ find: 'withoutUntil = Date.now() + WITHOUT_TOKEN_MS;', replace: 'current = null;' }],
  },
  {
    name: 'optional-logs-out',
    guard: 'an optional procedure never logs out',
    tests: { kind: 'integration', file: 'optional-procedures.test.ts', title: 'A12' },
    edits: [{ find: "kind === 'required' ? sessionToken(", replace: 'kind ? sessionToken(' }],
  },
  {
    name: 'optional-rejected',
    guard: 'an optional call that is rejected during an outage asks for a token again after it',
    tests: { kind: 'integration', file: 'optional-procedures.test.ts', title: 'T10' },
    edits: [
      {
        find: 'isUnexpired(current) && current.tokens.accessToken !== rejected;',
        replace: 'isUnexpired(current);',
      },
    ],
  },
  {
    name: 'outage-logs-out',
    guard: 'only a refusal that a new sign-in cures ends a session',
    tests: { kind: 'integration', file: 'refresh.test.ts', title: 'T9' },
    edits: [{ find: "if (refusal?.meaning === 'over') return", replace: 'if (refusal !== null) return' }],
  },
  {
    name: 'refusal-beside-challenge',
    guard: 'an invalid_grant is read from the body, whatever challenge stands beside it',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts' },
    edits: [{ find: 'const line = lineFor(content, named) ??', replace: 'const line =' }],
  },
];
