import type { Mutant } from '../mutant';

/** How the identity provider is asked, and what its refusals mean. */
export const provider: readonly Mutant[] = [
  {
    name: 'challenge-unread',
    guard: 'an invalid_grant that only the challenge says is read there',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts', title: 'T18' },
    edits: [
      {
        find: "return thrown.cause.map(({ parameters }) => parameters['error']).find((code) => code) ?? '';",
        replace: "return '';",
      },
    ],
  },
  {
    name: 'invalid-grant-400-only',
    guard: 'an invalid_grant counts with any 4xx status',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts', title: 'T18' },
    edits: [
      {
        find: 'if (thrown instanceof ResponseBodyError) return thrown.error;',
        replace: "if (thrown instanceof ResponseBodyError) return thrown.status === 400 ? thrown.error : '';",
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
    guard: 'refresh and revocation send the client secret in the bytes of the sign-in',
    tests: { kind: 'integration', file: 'client-authentication.test.ts' },
    edits: [{ find: ".replaceAll('%20', '+')", replace: ".replaceAll('-', '%2D')" }],
  },
  {
    name: 'server-error-ends',
    guard: 'a server that fails has refused nothing, whatever its answer says',
    tests: { kind: 'integration', file: 'refresh-refusals.test.ts', title: 'T9' },
    edits: [{ find: '|| unread.status < 400 || unread.status > 499)', replace: ')' }],
  },
];
