import type { Mutant } from '../mutant';

/** Subscriptions, in the browser and up to the API. */
export const live: readonly Mutant[] = [
  {
    name: 'live-connection-per-tab',
    guard: 'the tabs of a browser share one connection',
    tests: { kind: 'e2e', file: 'live.spec.ts', title: 'eight tabs' },
    edits: [{ find: 'lockManager.request(name,', replace: 'lockManager.request(crypto.randomUUID(),' }],
  },
  {
    name: 'live-event-id',
    guard: 'an event’s id can be given back',
    tests: { kind: 'integration', file: 'event-ids.test.ts', title: 'does not stop subscribers' },
    edits: [{ find: '&& isReturnable(id)', replace: '' }],
  },
  {
    name: 'live-page-user',
    guard: 'a page of one user subscribes to nothing of the next one',
    tests: { kind: 'integration', file: 'live.test.ts', title: 'page of one user' },
    edits: [
      {
        find: 'if (pageUser !== undefined && pageUser !== record.subject)',
        replace: "if (pageUser === '' && record.subject === '')",
      },
    ],
  },
  {
    name: 'live-private-streams',
    guard: 'a returning subscriber leaves the stream of its own',
    tests: { kind: 'integration', file: 'event-ids.test.ts', title: 'before a restart' },
    edits: [
      {
        find: 'return last === null || last === upstreamIdOf(id) ? log.lastPosition : null;',
        replace: "return last === '' ? log.lastPosition : null;",
      },
    ],
  },
  {
    name: 'live-session-cap',
    guard: 'a session has only so many subscriptions',
    tests: { kind: 'integration', file: 'live.test.ts', title: 'limit of subscriptions' },
    edits: [{ find: 'if (others >= limits().subscriptionsPerSession)', replace: 'if (others < 0)' }],
  },
  {
    name: 'live-session-count',
    guard: 'a subscription that ended counts no more',
    tests: { kind: 'integration', file: 'live.test.ts', title: 'limit of subscriptions' },
    edits: [{ find: 'uncount?.();', replace: '' }],
  },
  {
    name: 'live-shared-by-users',
    guard: 'subscribers share a stream with their own session only',
    tests: { kind: 'integration', file: 'live-upstream.test.ts', title: 'users never share' },
    edits: [{ find: `name: \`session \${session.record.key}\``, replace: "name: 'session'" }],
  },
  {
    name: 'live-stop',
    guard: 'a server that is asked to stop ends open streams',
    tests: { kind: 'e2e', file: 'live-faults.spec.ts', title: 'R1' },
    edits: [
      {
        find: 'stop(); beforeExit(revocationsOver);',
        replace: 'void stop; beforeExit(revocationsOver);',
      },
    ],
  },
  {
    name: 'live-touch',
    guard: 'an open subscription does not keep its session from going idle',
    tests: { kind: 'integration', file: 'live.test.ts', title: 'S4' },
    edits: [{ find: 'isBackground: true', replace: 'isBackground: false' }],
  },
  {
    name: 'unheard-rejection',
    guard: 'a stream whose reader has left rejects nothing that nobody hears',
    tests: { kind: 'integration', file: 'live.test.ts', title: 'no unhandled rejection' },
    edits: [{ find: 'step.catch(() => {});', replace: '' }],
  },
];
