import type { Mutant } from '../mutant';

/** How the identity provider is asked, and what its refusals mean. */
export const provider: readonly Mutant[] = [
  {
    name: 'refusal-beside-challenge',
    guard: 'an invalid_grant is read from the body, whatever challenge stands beside it',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts' },
    edits: [
      {
        find: 'if (body.success) return body.data.error;',
        replace: "if (body.success && body.data.error === '') return body.data.error;",
      },
    ],
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
  {
    name: 'secret-bytes',
    guard: 'refresh and revocation send the client secret in the bytes of the sign-in',
    tests: { kind: 'integration', file: 'client-authentication.test.ts' },
    edits: [{ find: ".replaceAll('%20', '+')", replace: ".replaceAll('-', '%2D')" }],
  },
];
