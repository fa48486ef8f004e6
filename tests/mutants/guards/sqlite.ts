import type { Mutant } from '../mutant';

/** The session store on SQLite, and its sweep. */
export const sqlite: readonly Mutant[] = [
  {
    name: 'save-into-ended',
    guard: 'tokens are saved only where the session lives',
    tests: { kind: 'integration', file: 'refresh.test.ts', title: 'L8' },
    edits: [
      {
        find: 'lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
        replace: 'lease_until = NULL WHERE key = ? AND token_version = ?',
      },
    ],
  },
  {
    name: 'save-without-version',
    guard: 'tokens are saved only at the version that was read',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'saved' },
    edits: [
      {
        find: 'lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
        replace: 'lease_until = NULL WHERE key = ? AND ? > 0 AND ended_at IS NULL',
      },
    ],
  },
  {
    name: 'touch-inserts',
    guard: 'touch only updates: a session read never revives a session after sign-out',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'touch' },
    edits: [
      {
        find: 'SET seen_at = ?, idle_deadline = ? WHERE key = ? AND ended_at IS NULL',
        replace: 'SET seen_at = ?, idle_deadline = ?, ended_at = NULL WHERE key = ?',
      },
    ],
  },
];
