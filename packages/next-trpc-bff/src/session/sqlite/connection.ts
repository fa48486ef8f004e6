import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, isBusy, openDatabase } from './driver.js';
import { checkHeader, migrate } from './schema.js';
import { prepareStatements } from './statements.js';
import { refuseAffectedSqlite } from './version.js';

/** How long a statement waits for another process's write, ms. The event loop waits with it, so it is short. */
const BUSY_TIMEOUT_MS = 1_000;

/** How long to wait before opening again a file that another process is just making, ms. */
const OPEN_AGAIN_MS = 10;

/** The statements of an open file. */
export type Statements = ReturnType<typeof prepareStatements>;

/** One file, open; and again when another one was put in its place. */
export interface SqliteConnection {
  /**
   * Runs what only reads and returns its result.
   *
   * @throws Whatever SQLite throws, or an error that says that the file is gone: what would be written to a file
   *   without a name would be lost with the process
   */
  read<T>(use: (statements: Statements) => T): T;
  /**
   * Runs a write and returns its result, once the process can be killed without losing it.
   *
   * @throws As `read`
   */
  write<T>(use: (statements: Statements) => T): T;
  /**
   * The same, once the machine can lose its power without losing it. The event loop waits for the disk.
   *
   * @throws As `read`
   * @see https://www.sqlite.org/pragma.html#pragma_synchronous
   */
  writeDurably<T>(use: (statements: Statements) => T): T;
  /** Lets go of it for good. */
  close(): void;
}

/**
 * Opens a session database, makes it where there is none, and brings an older one up to date.
 *
 * @param file - Its path
 * @throws {AffectedSqlite} when the SQLite that runs here may lose what it has committed
 * @throws {UnusableSessionFile} when what is there cannot be used
 * @throws When it cannot be opened for writing; another time it may be
 */
export function connectSqlite(file: string): SqliteConnection {
  refuseAffectedSqlite();
  makeFile(file);
  let opened = open(file);

  function current() {
    const identity = identityOf(file);
    if (identity === null) throw new Error(`The session database ${file} is gone: put it back.`);
    if (identity !== opened.identity) {
      const replaced = opened;
      opened = open(file);
      replaced.database.close();
    }
    return opened;
  }

  function write<T>(synchronous: 'NORMAL' | 'FULL', use: (statements: Statements) => T): T {
    const { database, statements } = current();
    database.exec(`PRAGMA synchronous = ${synchronous}`);
    return use(statements);
  }

  return {
    read: (use) => use(current().statements),
    write: (use) => write('NORMAL', use),
    writeDurably: (use) => write('FULL', use),
    close: () => opened.database.close(),
  };
}

function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    // SQLite gives its -wal and -shm files the mode of the database file.
    closeSync(openSync(file, 'ax', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function open(file: string) {
  const identity = identityOf(file);
  // SQLite would open it for reading, and never find out when it can be written again.
  accessSync(file, constants.R_OK | constants.W_OK);
  checkHeader(file);
  const database = patiently(() => openMigrated(file));
  return { identity, database, statements: prepareStatements(database) };
}

function openMigrated(file: string): Database {
  const database = openDatabase(file, BUSY_TIMEOUT_MS);
  try {
    migrate(database, file);
    database.exec('PRAGMA journal_mode = WAL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite does not wait for its turn to change the journal mode: it tells at once that somebody else is there. */
function patiently<T>(run: () => T): T {
  const deadline = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_AGAIN_MS);
    }
  }
}

/** Tells one file from another at the same path; null when there is none. */
function identityOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}
