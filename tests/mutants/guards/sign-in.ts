import type { Mutant } from '../mutant';

const tests = { kind: 'integration', file: 'login-route.test.ts' } as const;

export const signIn: readonly Mutant[] = [
  {
    name: 'login-cross-site',
    guard: 'only our own pages may sign a user in',
    tests,
    edits: [
      {
        find: "if (originOf(headers) !== 'same-origin') return textResponse(403, 'Only pages of this application may sign you in.');",
        replace: '',
      },
    ],
  },
  {
    name: 'login-form-kind',
    guard: 'no form with files is taken apart',
    tests,
    edits: [{ find: 'if (!/^application\\/x-www-form-urlencoded\\b/i.test(', replace: 'if (!/^/.test(' }],
  },
  {
    name: 'login-form-size',
    guard: 'a sign-in form has at most 16 KB',
    tests,
    edits: [{ find: 'const MAX_BODY_BYTES = 16_384;', replace: 'const MAX_BODY_BYTES = 16_384_000;' }],
  },
  {
    name: 'login-elsewhere',
    guard: 'a sign-in starts at AUTH_URL, under whatever name the page was reached',
    tests,
    edits: [{ find: 'if (!isAtHome(headers))', replace: "if (request.method === 'PUT')" }],
  },
  {
    name: 'login-attempt-for-ever',
    guard: 'what became of an attempt is shown for a minute, whatever the browser keeps',
    tests,
    edits: [
      {
        find: 'if (!last || Date.now() - last.at >= SHOWN_SECONDS * 1000) return null;',
        replace: 'if (!last) return null;',
      },
    ],
  },
  {
    name: 'login-broken-cookies',
    guard: 'a cookie that Auth.js cannot parse keeps nobody from signing in',
    tests,
    edits: [{ find: 'cookiePairs(withoutBrokenCookies(headers))', replace: 'cookiePairs(headers)' }],
  },
  {
    name: 'login-way-back-lost',
    guard: 'the way back survives a provider that is down',
    tests,
    edits: [
      {
        find: 'if (location === null || isErrorPage(location)) return null;',
        replace: 'if (location === null) return null;',
      },
    ],
  },
  {
    name: 'userinfo-of-another',
    guard: 'userinfo of somebody else names nobody',
    tests: { kind: 'integration', file: 'sign-in-names.test.ts', title: 'stays unknown' },
    edits: [
      {
        find: "if (status === 200 && isRecord(claims) && claims['sub'] === subject) return profileOf(claims);",
        replace: "if (status === 200 && isRecord(claims) && subject !== '') return profileOf(claims);",
      },
    ],
  },
];
