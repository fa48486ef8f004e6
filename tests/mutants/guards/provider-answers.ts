import type { Mutant } from '../mutant';

const TABLE = 'refusal-table.test.ts';
const REQUESTS = 'provider-requests.test.ts';
const UNKNOWN = 'unknown-refusals.test.ts';
const STRANGERS = 'strangers-requests.test.ts';

/** What an identity provider says, and what is made of it. */
export const providerAnswers: readonly Mutant[] = [
  {
    name: 'operator-logs-out',
    guard: 'a fault of the operator signs nobody out',
    tests: { kind: 'integration', file: TABLE, title: 'sorted into' },
    edits: [{ find: '(line?.means ?? unread)', replace: "(line ? 'over' : unread)" }],
  },
  {
    name: 'busy-logs-out',
    guard: '408, 429 and 5xx say nothing about the token, whatever their body says',
    tests: { kind: 'integration', file: TABLE, title: 'is passing' },
    edits: [{ find: 'status === 408 || status === 429 || status >= 500;', replace: 'status > 599;' }],
  },
  {
    name: 'code-within-code',
    guard: 'a code is a whole value, never a part of one',
    tests: { kind: 'integration', file: TABLE, title: 'nobody understands' },
    edits: [{ find: "const isText = value.split(' ').length > 2;", replace: 'const isText = true;' }],
  },
  {
    name: 'text-decides',
    guard: 'what an answer means is said by its own code, not by another member',
    tests: { kind: 'integration', file: TABLE, title: 'two lines fit' },
    edits: [
      {
        find: 'return lines.find(({ body }) => valuesIn(body).some((value) => normalized(value) === own)) ?? lines[0];',
        replace: 'return lines[0];',
      },
    ],
  },
  {
    name: 'number-anywhere',
    guard: 'a number counts in the member of its name only',
    tests: { kind: 'integration', file: TABLE, title: 'a number in a member' },
    edits: [
      { find: "if (typeof content === 'number' ||", replace: 'if (' },
      {
        find: "if (typeof content === 'string') return [content",
        replace: "if (typeof content !== 'object') return [String(content)",
      },
    ],
  },
  {
    name: 'no-endpoint-counts',
    guard: 'a page where no endpoint is, or in front of it, says nothing about the token',
    tests: { kind: 'integration', file: TABLE, title: 'without an endpoint' },
    edits: [{ find: "isFromElsewhere(status, content) ? 'passing' : 'unknown';", replace: "'unknown';" }],
  },
  {
    name: 'provider-text-logged',
    guard: 'nothing of a provider’s answer is logged but a code',
    tests: { kind: 'integration', file: TABLE, title: 'S1' },
    edits: [{ find: 'LOGGABLE.test(code) ||', replace: 'LOGGABLE.test(code) || code ||' }],
  },
  {
    name: 'refusals-at-once',
    guard: 'refusals within five seconds count as one',
    tests: { kind: 'integration', file: UNKNOWN, title: 'counts once' },
    edits: [{ find: 'Date.now() + APART_MS', replace: 'Date.now() - APART_MS' }],
  },
  {
    name: 'refusals-remembered',
    guard: 'a renewal forgets the refusals before it',
    tests: { kind: 'integration', file: UNKNOWN, title: 'forgotten' },
    edits: [{ find: "['refusal', key, tokenVersion]", replace: "['refusal', key]" }],
  },
  {
    name: 'refusals-while-good',
    guard: 'refusals count only while no access token is good',
    tests: { kind: 'integration', file: UNKNOWN, title: 'costs nothing' },
    edits: [{ find: 'renewal.isUnknown === true && !isUsable &&', replace: 'renewal.isUnknown === true &&' }],
  },
  {
    name: 'faults-count',
    guard: 'outages are not counted among refusals',
    tests: { kind: 'integration', file: UNKNOWN, title: 'never counts' },
    edits: [{ find: "...(meaning === 'unknown' && { isUnknown: true }),", replace: 'isUnknown: true,' }],
  },
  {
    name: 'text-is-no-number',
    guard: 'an expires_in may be a text',
    tests: { kind: 'integration', file: 'token-answers.test.ts', title: 'is an hour' },
    edits: [
      { find: "value.trim() !== '' ? Number(value) : value;", replace: "value !== '' ? value : value;" },
    ],
  },
  {
    name: 'empty-is-present',
    guard: 'an empty member is an absent one',
    tests: { kind: 'integration', file: 'token-answers.test.ts', title: 'said in several ways' },
    edits: [
      {
        find: "typeof value === 'string' && value !== '' ? value : undefined;",
        replace: "typeof value === 'string' ? value : undefined;",
      },
    ],
  },
  {
    name: 'strangers-alert',
    guard: 'what any request can cause is no alert',
    tests: { kind: 'integration', file: STRANGERS, title: 'S17' },
    edits: [{ find: 'if (OF_REQUESTS.includes(type))', replace: "if (type === '')" }],
  },
  {
    name: 'unknown-provider-alerts',
    guard: 'Auth.js is asked for no provider that it does not know',
    tests: { kind: 'integration', file: STRANGERS, title: 'callback/foo' },
    edits: [{ find: 'return id !== undefined && !providers().includes(id);', replace: 'return false;' }],
  },
  {
    name: 'unasked-answer-alerts',
    guard: 'Auth.js gets only the answer that the sign-in waits for',
    tests: { kind: 'integration', file: STRANGERS, title: 'who has begun' },
    edits: [
      {
        find: 'if (expected !== null && expected === given && code !== undefined && error === undefined)',
        replace: 'if (true)',
      },
    ],
  },
  {
    name: 'made-up-code-alerts',
    guard: 'a code that the provider refuses is no alert',
    tests: { kind: 'integration', file: STRANGERS, title: 'made up' },
    edits: [
      {
        find: "isIdentityProviderFailed(cause) && cause.refusal?.meaning === 'over';",
        replace: 'cause === null;',
      },
    ],
  },
  {
    name: 'sign-in-unbounded',
    guard: 'sign-in talks to the provider as everything else does',
    tests: { kind: 'integration', file: REQUESTS, title: 'serves sign-in' },
    edits: [{ find: '[customFetch]: signInFetch,', replace: '' }],
  },
  {
    name: 'provider-may-be-silent',
    guard: 'a request to the provider is limited in time',
    tests: { kind: 'integration', file: REQUESTS, title: 'a token endpoint that does “hang”' },
    edits: [{ find: 'signal: AbortSignal.timeout(ISSUER_TIMEOUT_MS),', replace: '' }],
  },
  {
    name: 'provider-may-be-endless',
    guard: 'an answer of the provider is limited in size',
    tests: { kind: 'integration', file: REQUESTS, title: 'more than a megabyte' },
    edits: [
      {
        find: 'readText(response.body, MAX_BODY_BYTES)',
        replace: 'readText(response.body, Number.POSITIVE_INFINITY)',
      },
    ],
  },
  {
    name: 'metadata-for-ever',
    guard: 'the provider’s metadata is fetched again after a while',
    tests: { kind: 'integration', file: REQUESTS, title: 'every ten minutes' },
    edits: [{ find: 'dueAt: Date.now() + METADATA_AGE_MS', replace: 'dueAt: Infinity' }],
  },
  {
    name: 'metadata-lost',
    guard: 'the last metadata counts while it cannot be fetched again',
    tests: { kind: 'integration', file: REQUESTS, title: 'every ten minutes' },
    edits: [{ find: 'known ?? Promise.reject(error)', replace: 'Promise.reject(error)' }],
  },
  {
    name: 'endpoint-moved',
    guard: 'an endpoint that is gone makes the metadata suspect',
    tests: { kind: 'integration', file: REQUESTS, title: 'an endpoint has moved' },
    edits: [{ find: 'if (isNoEndpoint(answer.status)) suspectMetadata();', replace: '' }],
  },
  {
    name: 'keys-moved',
    guard: 'a logout token is verified with the keys where they are now',
    tests: { kind: 'integration', file: REQUESTS, title: 'the keys have moved' },
    edits: [{ find: 'if (next === address) throw error;', replace: 'if (next) throw error;' }],
  },
  {
    name: 'endpoint-unencrypted',
    guard: 'secrets of a provider with https go over https only',
    tests: { kind: 'integration', file: REQUESTS, title: 'nothing goes unencrypted' },
    edits: [{ find: "assertAllowedAddress('address', address.href);", replace: '' }],
  },
];
