import type { Mutant } from '../mutant';

/** The session store on Redis. */
export const redis: readonly Mutant[] = [
  {
    name: 'redis-idle',
    guard: 'Redis forgets a session after the earlier of its deadlines',
    tests: { kind: 'integration', file: 'redis-store.test.ts', title: 'after the earlier deadline' },
    edits: [
      {
        find: 'const expiresAt = Math.min(idleDeadline, absoluteDeadline) + GRACE_MS;',
        replace: 'const expiresAt = absoluteDeadline + GRACE_MS;',
      },
    ],
  },
  {
    name: 'redis-idle-moved',
    guard: 'a touch moves the moment at which Redis forgets a session, to the earlier deadline again',
    tests: { kind: 'integration', file: 'redis-store.test.ts', title: 'after the earlier deadline' },
    edits: [
      {
        find: "local deadline = math.min(ARGV[2], redis.call('HGET', KEYS[1], 'absoluteDeadline'))",
        replace: "local deadline = redis.call('HGET', KEYS[1], 'absoluteDeadline')",
      },
    ],
  },
  {
    name: 'redis-index-leak',
    guard: 'an ended session leaves its indexes',
    tests: { kind: 'integration', file: 'redis-store.test.ts', title: 'leave no entry' },
    edits: [
      {
        find: 'await Promise.allSettled(indexesOf(birth).map((index) => client.removeFromIndex(index, entry)));',
        replace: '',
      },
    ],
  },
  {
    name: 'redis-save-into-ended',
    guard: 'Redis writes only into sessions that have not ended',
    tests: { kind: 'integration', file: 'redis-store.test.ts' },
    edits: [{ find: 'if not version or ended then', replace: 'if not version then' }],
  },
  {
    name: 'redis-save-without-version',
    guard: 'Redis saves tokens only at the version that was read',
    tests: { kind: 'integration', file: 'redis-store.test.ts', title: 'saved' },
    edits: [{ find: 'if version ~= ARGV[1] then return 0 end', replace: '' }],
  },
  {
    name: 'redis-silent-connection',
    guard: 'a connection that went silent is made anew',
    tests: { kind: 'integration', file: 'redis-outage.test.ts', title: 'silent' },
    edits: [
      { find: 'if (error instanceof NoAnswer || isReadOnly(error))', replace: 'if (isReadOnly(error))' },
    ],
  },
  {
    name: 'redis-unbounded',
    guard: 'Redis has one second to answer',
    tests: { kind: 'integration', file: 'redis-outage.test.ts', title: 'silent' },
    edits: [
      { find: 'deadline.start(ANSWER_TIMEOUT_MS,', replace: 'deadline.start(1_000_000 + ANSWER_TIMEOUT_MS,' },
    ],
  },
];
