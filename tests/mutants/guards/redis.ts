import type { Mutant } from '../mutant';

/** The session store on Redis. */
export const redis: readonly Mutant[] = [
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
    edits: [{ find: 'reject(new NoAnswer(', replace: 'if (ANSWER_TIMEOUT_MS < 0) reject(new NoAnswer(' }],
  },
];
