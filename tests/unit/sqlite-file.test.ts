import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SessionRecord } from '../../packages/next-trpc-bff/src/session/record';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { GRACE_MS, SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { folder, newFile, opened, written } from '../support/sqlite-files';
import { sampleRecord } from '../support/store-contract';

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

const OLDEST = `PRAGMA journal_mode = WAL;
  CREATE TABLE sessions (
    key TEXT PRIMARY KEY, public_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL, issuer TEXT NOT NULL, provider_sid TEXT, profile TEXT NOT NULL, user_agent TEXT,
    created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, idle_deadline INTEGER NOT NULL, absolute_deadline INTEGER NOT NULL,
    ended_at INTEGER, end_reason TEXT, token_version INTEGER NOT NULL, sealed_tokens TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX sessions_by_subject ON sessions (issuer, subject);
  CREATE INDEX sessions_by_deadline ON sessions (absolute_deadline);`;

const insertOf = (record: SessionRecord) => {
  const { key, publicId, subject, issuer, providerSid, profile, userAgent, createdAt, seenAt } = record;
  const { idleDeadline, absoluteDeadline, tokenVersion, sealedTokens } = record;
  const texts = [key, publicId, subject, issuer, providerSid, JSON.stringify(profile), userAgent];
  const times = [createdAt, seenAt, idleDeadline, absoluteDeadline, 'NULL', 'NULL', tokenVersion];
  return `INSERT INTO sessions VALUES (${[...texts.map((text) => `'${text}'`), ...times, `'${sealedTokens}'`].join()});`;
};

/** As the version before wrote it, with sweeps by the absolute deadline only. */
const VERSION_1 = `${OLDEST.replace(') WITHOUT ROWID', ', lease_holder TEXT, lease_until INTEGER, lease_inherited INTEGER)')}
  CREATE TABLE remembered (name TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX sessions_by_provider_sid ON sessions (issuer, provider_sid);
  PRAGMA user_version = 1;`;

/** Starts a process that runs a script of `support/`; it ends with the test. */
function forked(script: string, ...parameters: string[]) {
  const path = fileURLToPath(new URL(`../support/${script}.ts`, import.meta.url));
  const child = fork(path, parameters, { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** The same without a version but with everything else, as the release before the versions wrote it. */
const unversioned = (name: string) => {
  const file = newFile(name);
  openSqliteStore(file).close();
  const database = openDatabase(file);
  database.exec('PRAGMA user_version = 0');
  database.close();
  return file;
};

describe('S12 an older database is brought up to date, and keeps its sessions', () => {
  test.each([
    ['without leases', (record: SessionRecord) => written('oldest', OLDEST + insertOf(record))],
    [
      'without a version',
      (record: SessionRecord) => {
        const file = unversioned('unversioned');
        const database = openDatabase(file);
        database.exec(insertOf(record).replace(');', ', NULL, NULL, NULL);'));
        database.close();
        return file;
      },
    ],
  ])('%s', async (_, write) => {
    const record = sampleRecord();
    const store = opened(write(record));
    expect(await store.read(record.key)).toEqual(record);
    expect(await store.takeRefreshLease(record.key, 1, 'a', 60_000)).toBe('taken');
    expect(await store.saveTokens(record.key, 1, 'v1.second')).toBe(true);
    expect(await store.markSeen('jti', Date.now() + 60_000)).toBe(true);
    const another = sampleRecord();
    await store.create(another);
    expect(await store.read(another.key)).toEqual(another);
  });

  test('of the previous version, while a process of that version goes on using it', async () => {
    const record = sampleRecord();
    const file = written('version-1', VERSION_1);
    const before = openDatabase(file);
    const insert = before.prepare(
      'INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)',
    );
    const touch = before.prepare('UPDATE sessions SET seen_at = ?, idle_deadline = ? WHERE key = ?');
    const sweep = before.prepare('DELETE FROM sessions WHERE absolute_deadline < ?');
    const store = opened(file);
    const { key, publicId, subject, issuer, providerSid, profile, userAgent, ...times } = record;
    const who = [key, publicId, subject, issuer, providerSid, JSON.stringify(profile), userAgent];
    expect(insert.run(...who, ...Object.values(times))).toBe(1);
    expect(await store.read(key)).toEqual(record);
    expect(sweep.run(Date.now())).toBe(0);
    expect(touch.run(1, Date.now() - GRACE_MS - 1, key)).toBe(1);
    expect(await store.sweep(Date.now())).toBe(1);
    before.close();
  });

  test('and can be opened again', async () => {
    const record = sampleRecord();
    const file = written('twice', OLDEST + insertOf(record));
    await opened(file).saveTokens(record.key, 1, 'v1.second');
    expect(await opened(file).read(record.key)).toMatchObject({ tokenVersion: 2 });
  });
});

describe('S12 a file that cannot be the session database is refused with its name and what to do, and not changed', () => {
  test.each([
    [
      'of a newer version',
      () =>
        written(
          'newer',
          'PRAGMA journal_mode = WAL; CREATE TABLE sessions (future); PRAGMA user_version = 99',
        ),
      /has the schema 99, .* knows 2: run the version that wrote it, or point SESSION_STORE_URL to another/,
    ],
    [
      'of another program',
      () => written('foreign', 'CREATE TABLE sessions (id, cart); INSERT INTO sessions VALUES (1, 2)'),
      /is another program’s, by its tables: point SESSION_STORE_URL to a file of its own/,
    ],
    [
      'of another program that has no table of this name',
      () => written('carts', 'CREATE TABLE carts (id)'),
      /is another program’s/,
    ],
    [
      'of another program that counts versions too',
      () => written('counting', 'CREATE TABLE carts (id); PRAGMA user_version = 2'),
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
    for (const attempt of ['first', 'second']) {
      const { code, message: said } = refusalOf(file) as Error & { code?: string };
      expect([attempt, code]).toEqual([attempt, 'SESSION_FILE_UNUSABLE']);
      expect(said).toMatch(message);
      expect(said).toContain(file);
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a newer one has no -wal or -shm file afterwards', () => {
    const file = written(
      'alone',
      'PRAGMA journal_mode = WAL; CREATE TABLE sessions (future); PRAGMA user_version = 99',
    );
    refusalOf(file);
    expect(readdirSync(dirname(file))).toEqual(['sessions.db']);
  });
});

test('S12 many processes that create, or migrate, the same file at once all open it', async () => {
  const files = Array.from({ length: 40 }, (_, n) => join(folder, `made-at-once-${n}`, 'sessions.db'));
  const old = Array.from({ length: 10 }, (_, n) => written(`mended-at-once-${n}`, OLDEST));
  const processes = Array.from({ length: 4 }, () => forked('opening-process'));
  await Promise.all(processes.map((child) => once(child, 'message')));
  const answers = processes.map((child) => once(child, 'message'));
  for (const child of processes) child.send([...files, ...old]);
  for (const [faults] of await Promise.all(answers)) expect(faults).toEqual([]);
  for (const file of [...files, ...old]) {
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
