import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { sampleRecord } from '../support/sample-record';
import { databaseFile, folder, newFile, opened } from '../support/sqlite-files';

/** Returns the cause of a refusal to open. */
function refusalOf(file: string): Error {
  try {
    openSqliteStore(file);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionStoreUnavailable);
    if (error instanceof Error && error.cause instanceof Error) return error.cause;
  }
  throw new Error('The file was opened.');
}

/** Starts a process that runs a script of `support/`; it ends with the test. */
function forked(script: string, ...parameters: string[]) {
  const path = fileURLToPath(new URL(`../support/${script}.ts`, import.meta.url));
  const child = fork(path, parameters, { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('S12 a file that cannot be the session database is refused with its name and what to do, and not changed', () => {
  test.each([
    [
      'of a newer version',
      () =>
        databaseFile(
          'newer',
          'PRAGMA journal_mode = WAL; CREATE TABLE sessions (future); PRAGMA user_version = 99',
        ),
      /has the schema 99, .* knows 2: run the version that wrote it, or point SESSION_STORE_URL to another/,
    ],
    [
      'of an older version',
      () =>
        databaseFile(
          'older',
          'PRAGMA journal_mode = WAL; CREATE TABLE sessions (past); PRAGMA user_version = 1',
        ),
      /has the schema 1, .* knows 2: run the version that wrote it, or point SESSION_STORE_URL to another/,
    ],
    [
      'with our tables and without a version',
      () => {
        const file = newFile('unversioned');
        openSqliteStore(file).close();
        const database = openDatabase(file);
        database.exec('PRAGMA user_version = 0');
        database.close();
        return file;
      },
      /has the schema 0, .* knows 2/,
    ],
    [
      'of another program',
      () => databaseFile('foreign', 'CREATE TABLE sessions (id, cart); INSERT INTO sessions VALUES (1, 2)'),
      /is another program’s, by its tables: point SESSION_STORE_URL to a file of its own/,
    ],
    [
      'of another program that has no table of this name',
      () => databaseFile('carts', 'CREATE TABLE carts (id)'),
      /is another program’s/,
    ],
    [
      'of another program that counts versions too',
      () => databaseFile('counting', 'CREATE TABLE carts (id); PRAGMA user_version = 2'),
      /is another program’s/,
    ],
    [
      'that is no database',
      () => {
        const file = newFile('text');
        writeFileSync(file, 'A list of things to buy: '.repeat(1_000));
        return file;
      },
      /is no SQLite database: point SESSION_STORE_URL to a file of its own, or put/,
    ],
    [
      'that is hardly a file',
      () => {
        const file = newFile('short');
        writeFileSync(file, '{}');
        return file;
      },
      /is no SQLite database/,
    ],
  ])('%s', (_, write, message) => {
    const file = write();
    const before = readFileSync(file);
    for (const time of ['first', 'second']) {
      const { code, message: said } = refusalOf(file) as Error & { code?: string };
      expect([time, code]).toEqual([time, 'SESSION_FILE_UNUSABLE']);
      expect(said).toMatch(message);
      expect(said).toContain(file);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a newer one has no -wal or -shm file afterwards', () => {
    const file = databaseFile(
      'alone',
      'PRAGMA journal_mode = WAL; CREATE TABLE sessions (future); PRAGMA user_version = 99',
    );
    refusalOf(file);
    expect(readdirSync(dirname(file))).toEqual(['sessions.db']);
  });
});

test('S12 many processes that create the same file at once all open it', async () => {
  const files = Array.from({ length: 40 }, (_, n) => join(folder, `made-at-once-${n}`, 'sessions.db'));
  const processes = Array.from({ length: 4 }, () => forked('opening-process'));
  await Promise.all(processes.map((child) => once(child, 'message')));
  const answers = processes.map((child) => once(child, 'message'));
  for (const child of processes) child.send(files);
  for (const [faults] of await Promise.all(answers)) expect(faults).toEqual([]);
  for (const file of files) {
    const store = opened(file);
    const record = sampleRecord();
    await store.create(record);
    expect(await store.read(record.key)).toEqual(record);
  }
}, 30_000);

test('S12 opening waits for a process that is just creating the file', async () => {
  const file = newFile('held');
  const made = newFile('made');
  openSqliteStore(made);
  // Not in WAL mode yet, and locked: SQLite itself would not wait here.
  openDatabase(made).exec(`VACUUM INTO '${file}'`);
  const holder = forked('holding-process', file);
  await once(holder, 'message');
  const store = opened(file);
  await expect(store.ping()).resolves.toBeUndefined();
  await once(holder, 'exit');
});
