import type { Mutant } from '../mutant';

/** From a 401 or a sign-out to /login and back. */
export const logout: readonly Mutant[] = [
  {
    name: 'backchannel-replay',
    guard: 'a logout token works once',
    tests: { kind: 'integration', file: 'backchannel-logout.test.ts', title: 'replayed' },
    edits: [{ find: 'if (await sessionStore().hasSeen(name)) throw', replace: "if (name === '') throw" }],
  },
  {
    name: 'callback-second-look',
    guard: 'the callbackUrl is looked at again after parsing',
    tests: { kind: 'unit', file: 'callback-url.test.ts', title: 'L11' },
    edits: [
      {
        find: '!isOwnPage(pathname) || !isOwnPage(decoded(pathname))',
        replace: '!isOwnPage(decoded(value))',
      },
    ],
  },
  {
    name: 'fetch-is-document',
    guard: 'a fetch of the router is no document',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L0' },
    edits: [
      {
        find: "if (headers.has('rsc') || headers.has('next-router-prefetch') ||",
        replace: "if (headers.has('next-router-prefetch') ||",
      },
    ],
  },
  {
    name: 'latch',
    guard: 'a page leaves once however many calls fail',
    tests: { kind: 'e2e', file: 'unauthorized-client.spec.ts', title: 'B4' },
    edits: [{ find: 'if (leaving) return true; leaving = true;', replace: 'leaving = !leaving;' }],
  },
  {
    name: 'logout-cross-site-post',
    guard: 'only our own pages may sign a user out',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L5' },
    edits: [
      {
        find: "if (originOf(headers) !== 'same-origin') return textResponse(403, 'Only pages of this application may sign you out.');",
        replace: '',
      },
    ],
  },
  {
    name: 'logout-get-ends-live',
    guard: 'GET /logout ends nothing that is alive',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L1' },
    edits: [
      {
        find: "return storeDown(); if (state.status === 'live') return redirectResponse(303, callbackUrl);",
        replace: 'return storeDown();',
      },
    ],
  },
  {
    name: 'logout-non-document',
    guard: 'only a document navigation has an effect on /logout',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L0' },
    edits: [
      {
        find: 'if (!isDocumentNavigation(request)) return textResponse(200,',
        replace: "if (request.method === 'PUT') return textResponse(200,",
      },
    ],
  },
  {
    name: 'logout-service-worker',
    guard: 'what a service worker fetches for a script is no document',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L0' },
    edits: [
      {
        find: "if (destination === 'empty') return headers.get('sec-fetch-mode') === 'navigate';",
        replace: "if (destination === 'empty') return true;",
      },
    ],
  },
  {
    name: 'service-worker-document',
    guard: 'a document that a service worker passes on is a document',
    tests: { kind: 'integration', file: 'logout.test.ts', title: 'L3' },
    edits: [
      {
        find: "if (destination === 'empty') return headers.get('sec-fetch-mode') === 'navigate';",
        replace: "if (destination === 'empty') return false;",
      },
    ],
  },
  {
    name: 'logout-names-nobody',
    guard: 'without an id token the provider is told by client_id who signs out',
    tests: { kind: 'integration', file: 'sign-out-params.test.ts', title: 'L13' },
    edits: [
      { find: "'client_id={client_id}&id_token_hint={id_token}&", replace: "'id_token_hint={id_token}&" },
    ],
  },
  {
    name: 'logout-page-anywhere',
    guard: 'a sign-out leads to no page by http beyond HTTP_HOSTS',
    tests: { kind: 'unit', file: 'env.test.ts', title: 'S12' },
    edits: [{ find: 'AUTH_OIDC_LOGOUT_PARAMS: env.AUTH_OIDC_LOGOUT_PARAMS.page,', replace: '' }],
  },
  {
    name: 'soft-landing',
    guard: 'what is no document navigation has no effect on /logout: no cache outlives its user',
    tests: { kind: 'e2e', file: 'soft-navigation.spec.ts', title: 'B3' },
    edits: [
      {
        find: 'if (!isDocumentNavigation(request)) return textResponse(200,',
        replace: "if (request.method === 'PUT' && !isDocumentNavigation(request)) return textResponse(200,",
      },
    ],
  },
  {
    name: 'swallowed-redirect',
    guard: 'the rethrow that lets a redirect through a catch which turns every error into Not found',
    tests: { kind: 'e2e', file: 'unauthorized-render.spec.ts', title: 'B7' },
    edits: [
      {
        find: `unstable_rethrow(error);
               if (error instanceof TRPCError && error.code === 'NOT_FOUND') notFound();`,
        replace: `if (error instanceof TypeError) unstable_rethrow(error);
                  if (error instanceof TRPCError || error) notFound();`,
      },
    ],
  },
  {
    name: 'empty-is-no-confirmation',
    guard: 'a revocation is confirmed by any 2xx without an error',
    tests: { kind: 'integration', file: 'sign-out-provider.test.ts', title: 'confirms' },
    edits: [{ find: 'if (!refusal && status >= 200 && status <= 299)', replace: 'if (status === 200)' }],
  },
];
