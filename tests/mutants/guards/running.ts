import type { Mutant } from '../mutant';

/** How a build is configured, and stops. */
export const running: readonly Mutant[] = [
  {
    name: 'allowed-origins',
    guard: 'Server Actions work behind a proxy that passes another Host',
    tests: { kind: 'e2e', file: 'other-host.spec.ts', title: 'its own address.*provider’s button' },
    edits: [{ find: '...(URL.canParse(AUTH_URL) ? [new URL(AUTH_URL).host] : []),', replace: '' }],
  },
  {
    name: 'image-optimizer',
    guard: 'no image optimizer logs addresses of the client’s choice',
    tests: { kind: 'e2e', file: 'forged-log-lines.spec.ts', title: 'S18' },
    edits: [{ find: 'images: { ...images, unoptimized: true }', replace: 'images: { ...images }' }],
  },
  {
    name: 'stop-waits-for-ever',
    guard: 'a process that stops does not wait for an API that does not answer',
    tests: { kind: 'e2e', file: 'stopping.spec.ts', title: 'does not wait for ever' },
    edits: [
      {
        find: 'while (open.size > 0 && !deadline.aborted) await deadline.race(Promise.all(open)).catch(() => {});',
        replace: 'while (open.size > 0) await Promise.all(open);',
      },
    ],
  },
  {
    name: 'stop-without-revocations',
    guard: 'a process that stops finishes the revocations that wait',
    tests: { kind: 'e2e', file: 'stopping.spec.ts', title: 'finishes the queued revocations' },
    edits: [
      {
        find: 'stop(); beforeExit(revocationsOver);',
        replace: 'stop(); if (process.exitCode === SIGTERM_EXIT_CODE) beforeExit(revocationsOver);',
      },
    ],
  },
];
