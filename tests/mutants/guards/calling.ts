import type { Mutant } from '../mutant';

/** From a browser's or a page's call to its answer. */
export const calling: readonly Mutant[] = [
  {
    name: 'http-anywhere',
    guard: 'http reaches this machine and the hosts that HTTP_HOSTS names, and no other',
    tests: { kind: 'unit', file: 'env.test.ts', title: 'S15' },
    edits: [{ find: 'httpHosts.includes(url.hostname)', replace: "httpHosts.join() !== '*'" }],
  },
  {
    name: 'http-endpoint',
    guard: 'what a provider’s metadata names is under the same rule',
    tests: { kind: 'integration', file: 'networks.test.ts', title: 'whose metadata' },
    edits: [
      {
        find: 'for (const name of ENDPOINTS) assertAllowedAddress(name, named[name]);',
        replace: 'void ENDPOINTS; void named;',
      },
    ],
  },
  {
    name: 'http-sign-in',
    guard: 'Auth.js asks the provider by our fetch, which refuses',
    tests: { kind: 'integration', file: 'networks.test.ts', title: 'whose metadata' },
    edits: [{ find: '[customFetch]: signInFetch,', replace: '' }],
  },
  {
    name: 'other-base-path',
    guard: 'a build boots only with the base path it was made with',
    tests: { kind: 'unit', file: 'base-path.test.ts', title: 'S12' },
    edits: [{ find: 'else if (basePath !== BASE_PATH)', replace: "else if (basePath === 'x')" }],
  },
  {
    name: 'render-departure',
    guard: 'a page that nobody waits for any more gives up its upstream calls',
    tests: { kind: 'e2e', file: 'departures.spec.ts', title: 'A10' },
    edits: [
      {
        find: 'const disconnected = clientDisconnected();',
        replace: 'const disconnected = clientDisconnected.length > 0 ? clientDisconnected() : undefined;',
      },
    ],
  },
  {
    name: 'shared-query-client',
    guard: 'each request renders with a QueryClient of its own',
    tests: { kind: 'e2e', file: 'users.spec.ts', title: 'B15' },
    edits: [
      {
        find: 'cache(createQueryClient)',
        replace: '((client) => cache(() => client))(createQueryClient())',
      },
    ],
  },
  {
    name: 'streamed-errors',
    guard: 'errors of a streamed output are mapped',
    tests: { kind: 'integration', file: 'thrown-in-procedures.test.ts', title: 'streams' },
    edits: [
      {
        find: 'const error = isSilentClose(cause) ? null : await errorFor(cause);',
        replace: 'const error = null; void errorFor;',
      },
    ],
  },
  {
    name: 'trpc-cacheable',
    guard: 'every answer is no-store',
    tests: { kind: 'integration', file: 'endpoint.test.ts', title: 'S10' },
    edits: [
      {
        find: "...NO_STORE, 'x-request-id': requestId, ...(staleQueries",
        replace: "'x-request-id': requestId, ...(staleQueries",
      },
    ],
  },
  {
    name: 'trpc-cross-site',
    guard: 'other sites reach no procedure',
    tests: { kind: 'integration', file: 'endpoint.test.ts', title: 'S8' },
    edits: [
      { find: 'if (!isAllowedOrigin(request))', replace: "if (!isAllowedOrigin(request) && url === '')" },
    ],
  },
  {
    name: 'forbidden-shared',
    guard: 'an answer that did not accept the token is shared with nobody who comes later',
    tests: { kind: 'integration', file: 'shared-answers.test.ts', title: 'did not accept' },
    edits: [
      {
        find: "if (answer.verdict !== 'accepted' || !isSuccess(answer.status)) this.#drop(inFlight);",
        replace: 'if (!isSuccess(answer.status)) this.#drop(inFlight);',
      },
    ],
  },
];
