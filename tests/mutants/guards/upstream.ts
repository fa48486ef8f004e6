import type { Mutant } from '../mutant';

/** Calls to the API: what is sent, sent again, queued and shared. */
export const upstream: readonly Mutant[] = [
  {
    name: 'climbing-value',
    guard: 'no value climbs, for servers that decode a path before they look at it',
    tests: { kind: 'unit', file: 'url.test.ts', title: 'dot segment' },
    edits: [{ find: 'CLIMBING.test(template.replace(', replace: '/^$/.test(template.replace(' }],
  },
  {
    name: 'challenge-text',
    guard: 'of a challenge only words of its grammar reach the browser',
    tests: { kind: 'unit', file: 'step-up.test.ts', title: 'S9' },
    edits: [{ find: '.filter((word) => WORD.test(word))', replace: '.filter((word) => WORD)' }],
  },
  {
    name: 'header-injection',
    guard: 'a header that would be another is refused as such',
    tests: { kind: 'integration', file: 'inputs-upstream.test.ts' },
    edits: [
      {
        find: 'RESERVED.has(name) || !isSendable(name, value)',
        replace: 'RESERVED.has(name) && !isSendable(name, value)',
      },
    ],
  },
  {
    name: 'mutation-repeated',
    guard: 'only a GET or HEAD is sent again',
    tests: { kind: 'integration', file: 'repeats.test.ts', title: 'mutation' },
    edits: [
      { find: 'isSafe(method) && !(body instanceof Readable)', replace: '!(body instanceof Readable)' },
    ],
  },
  {
    name: 'queue-unbounded',
    guard: 'the queue for the upstream has an end',
    tests: { kind: 'integration', file: 'concurrency.test.ts', title: 'one more' },
    edits: [{ find: 'if (this.#waiting.size >= this.queue)', replace: 'if (this.#waiting.size < 0)' }],
  },
  {
    name: 'retry-after-text',
    guard: 'no text of the upstream’s passes as a Retry-After',
    tests: { kind: 'integration', file: 'repeats.test.ts', title: 'that is invalid' },
    edits: [
      {
        find: 'return header === null ? null : retryAfterIn(header);',
        replace: 'return header;',
      },
    ],
  },
  {
    name: 'step-up-ends-session',
    guard: 'a 401 that asks for a stronger sign-in ends no session and burns no refresh',
    tests: { kind: 'integration', file: 'step-up.test.ts', title: 'B18' },
    edits: [
      {
        find: "if (status === 401 && stepUpIn(headers)) return 'forbidden';",
        replace: "if (status === 4010 && stepUpIn(headers)) return 'forbidden';",
      },
    ],
  },
  {
    name: 'shared-across-kinds',
    guard: 'calls with and without a token share no answer',
    tests: { kind: 'integration', file: 'shared-answers.test.ts', title: 'public, optional or protected' },
    edits: [{ find: 'one.tokenSource === other.tokenSource &&', replace: '' }],
  },
  {
    name: 'shared-after-change',
    guard: 'a mutation makes the request forget what it read',
    tests: { kind: 'integration', file: 'shared-answers.test.ts', title: 'mutation' },
    edits: [{ find: 'clear(): void { this.#inFlight = []; }', replace: 'clear(): void {}' }],
  },
];
