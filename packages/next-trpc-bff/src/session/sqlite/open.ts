import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Database, isBusy, openDatabase } from './driver.js';
import { checkFile, ensureSchema } from './schema.js';
import { prepareStatements, type Statements } from './statements.js';
import { refuseAffectedSqlite } from './version.js';

/** How long a statement waits for another process's write, ms. The event loop waits with it, so it is short. */
const BUSY_TIMEOUT_MS = 1_000;

/** How long to wait before opening again a file that another process is just making, ms. */
const OPEN_AGAIN_MS = 10;

/**
 * Creates a session database if there is none.
 *
 * @param file - Its path
 * @throws {AffectedSqlite} when the SQLite that runs here may lose what it has committed
 */
export function makeSessionFile(file: string): void {
  refuseAffectedSqlite();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    // SQLite gives its -wal and -shm files the mode of the database file.
    closeSync(openSync(file, 'ax', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/**
 * Opens a session database, and creates the schema in an empty one.
 *
 * @param file - Its path
 * @throws {UnusableSessionFile} when the file is not a session database of this version
 * @throws When it cannot be opened for writing, which may be temporary
 */
export function openSessionFile(file: string): { database: Database; statements: Statements } {
  // SQLite would open it read-only, and would not notice when it becomes writable again.
  accessSync(file, constants.R_OK | constants.W_OK);
  checkFile(file);
  const database = patiently(() => openChecked(file));
  return { database, statements: prepareStatements(database) };
}

function openChecked(file: string): Database {
  const database = openDatabase(file, BUSY_TIMEOUT_MS);
  try {
    ensureSchema(database, file);
    database.exec('PRAGMA journal_mode = WAL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite does not apply the busy timeout when it changes the journal mode: it fails immediately. */
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
