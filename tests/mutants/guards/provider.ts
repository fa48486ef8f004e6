import type { Mutant } from '../mutant';

/** How the identity provider is asked, and what its refusals mean. */
export const provider: readonly Mutant[] = [
  {
    name: 'challenge-unread',
    guard: 'an invalid_grant that only the challenge says is read there',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts', title: 'T18' },
    edits: [
      {
        find: '?? lineFor(challenged, challenged);',
        replace: ';',
      },
    ],
  },
  {
    name: 'invalid-grant-400-only',
    guard: 'an invalid_grant counts with any 4xx status',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts', title: 'T18' },
    edits: [
      {
        find: "if (refusal?.meaning === 'over') return { kind: 'rejected', cause };",
        replace:
          "if (refusal?.meaning === 'over' && refusal.status === 400) return { kind: 'rejected', cause };",
      },
    ],
  },
  {
    name: 'long-id-token',
    guard: 'an id token that makes the address too long is left out',
    tests: { kind: 'integration', file: 'sign-out-provider.test.ts', title: 'L13' },
    edits: [{ find: 'length < LOCATION_CHARACTERS', replace: 'length < 10 * LOCATION_CHARACTERS' }],
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
    name: 'revocations-one-queue',
    guard: 'a user who signs out waits behind no other session',
    tests: { kind: 'integration', file: 'revocations.test.ts', title: 'passes the queue' },
    edits: [{ find: 'turn(revocations()[kind])', replace: "turn(revocations()[kind && 'background'])" }],
  },
  {
    name: 'revocations-wait-for-ever',
    guard: 'a revocation that stays queued too long is dropped',
    tests: { kind: 'integration', file: 'revocations.test.ts', title: 'queued too long' },
    edits: [{ find: 'deadline.start(REVOCATION_LIMITS.waitMs);', replace: '' }],
  },
  {
    name: 'secret-bytes',
    guard: 'the client secret is sent in the bytes that servers compare without decoding',
    tests: { kind: 'integration', file: 'client-authentication.test.ts' },
    edits: [{ find: ".replaceAll('%20', '+')", replace: ".replaceAll('-', '%2D')" }],
  },
  {
    name: 'backchannel-origin',
    guard: 'servers ask the provider where servers reach it',
    tests: { kind: 'integration', file: 'provider-addresses.test.ts' },
    edits: [
      {
        find: 'return new URL(url.pathname + url.search, AUTH_OIDC_BACKCHANNEL_ORIGIN);',
        replace: 'return new URL(url.pathname + url.search, url);',
      },
    ],
  },
];
