import type { Mutant } from '../mutant';

/** The session store on SQLite, and its sweep. */
export const sqlite: readonly Mutant[] = [
  {
    name: 'affected-sqlite',
    guard: 'a SQLite that may lose what it has committed stops the boot',
    tests: { kind: 'e2e', file: 'boot.spec.ts', title: 'WAL-reset' },
    edits: [
      {
        find: 'if (hasWalResetBug(version)) throw new AffectedSqlite(version);',
        replace: "if (hasWalResetBug(version) && version === '') throw new AffectedSqlite(version);",
      },
    ],
  },
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
    name: 'sqlite-busy',
    guard: 'opening waits for a process that is just making the file',
    tests: { kind: 'unit', file: 'sqlite-file.test.ts', title: 'opening waits' },
    edits: [
      {
        find: 'if (!isBusy(error) || performance.now() > deadline) throw error;',
        replace: 'if (!isBusy(error) || performance.now() > 0) throw error;',
      },
    ],
  },
  {
    name: 'sqlite-lease-get',
    guard: 'a statement that writes runs to its end, so that a commit that fails is not reported as done',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'not reported as done' },
    edits: [
      {
        find: "const [row] = write('takeRefreshLease', (db) => db.updateLease.all(...parameters));",
        replace: "const row = write('takeRefreshLease', (db) => db.updateLease.get(...parameters));",
      },
    ],
  },
  {
    name: 'sqlite-lost-save',
    guard: 'processes that share a file compare and save in one statement',
    tests: { kind: 'integration', file: 'sqlite-processes.test.ts', title: 'R10' },
    edits: [
      {
        find: 'lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
        replace: 'lease_until = NULL WHERE key = ? AND ? > 0 AND ended_at IS NULL',
      },
      {
        find: 'const save = (db: Statements) => db.updateTokens',
        replace: `const save = (db: Statements) =>
                    db.select.get(key)?.token_version !== expectedVersion ? 0 : db.updateTokens`,
      },
    ],
  },
  {
    name: 'sqlite-not-waiting',
    guard: 'an end and saved tokens are on the disk when they are acknowledged',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'wait for the disk' },
    edits: [{ find: "writeAs('FULL', operation, use)", replace: "writeAs('NORMAL', operation, use)" }],
  },
  {
    name: 'sqlite-nul',
    guard: 'a text that SQLite would cut at a NUL is refused',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'T23' },
    edits: [{ find: "value.includes('\\0') || !value.isWellFormed()", replace: '!value.isWellFormed()' }],
  },
  {
    name: 'sqlite-surrogate',
    guard: 'a text with a lone surrogate, which would be replaced, is refused',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'T23' },
    edits: [{ find: "value.includes('\\0') || !value.isWellFormed()", replace: "value.includes('\\0')" }],
  },
  {
    name: 'sqlite-version',
    guard: 'the last versions with the WAL-reset bug are known as such',
    tests: { kind: 'unit', file: 'sqlite-version.test.ts', title: 'has the WAL-reset bug' },
    edits: [{ find: 'return minor === 51 ? patch < 3 : minor < 51;', replace: 'return minor < 51;' }],
  },
  {
    name: 'sweep-grace',
    guard: 'a session outlives its deadline by some minutes, so that /login can say why it ended',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'R9' },
    edits: [{ find: 'db.deleteExpired.run(now - GRACE_MS)', replace: 'db.deleteExpired.run(now)' }],
  },
  {
    name: 'sweep-idle',
    guard: 'a session is deleted after the earlier of its deadlines',
    tests: { kind: 'unit', file: 'sqlite-store.test.ts', title: 'R9' },
    edits: [{ find: "sql: 'min(idle_deadline, absolute_deadline)'", replace: "sql: 'absolute_deadline'" }],
  },
  {
    name: 'sweep-no-stop',
    guard: 'a process that was asked to stop sweeps no further',
    tests: { kind: 'integration', file: 'sweep.test.ts', title: 'R1' },
    edits: [{ find: 'while (batch > 0 && !stopping().aborted)', replace: 'while (batch > 0)' }],
  },
  {
    name: 'sweep-whole',
    guard: 'a sweep deletes a few sessions at a time',
    tests: { kind: 'integration', file: 'sweep.test.ts', title: 'holds the event loop' },
    edits: [{ find: 'const MOST_SWEPT = 50;', replace: 'const MOST_SWEPT = 100_000;' }],
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
