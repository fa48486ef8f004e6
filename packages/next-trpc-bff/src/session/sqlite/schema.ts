import { type Database, isNoDatabase, openImmutable } from './driver.js';

/** The version of the schema, in the file's `user_version`: a file of another one is refused. */
const VERSION = 2;

const RECORD = {
  key: 'TEXT PRIMARY KEY',
  public_id: 'TEXT NOT NULL UNIQUE',
  subject: 'TEXT NOT NULL',
  issuer: 'TEXT NOT NULL',
  provider_sid: 'TEXT',
  profile: 'TEXT NOT NULL',
  user_agent: 'TEXT',
  created_at: 'INTEGER NOT NULL',
  seen_at: 'INTEGER NOT NULL',
  idle_deadline: 'INTEGER NOT NULL',
  absolute_deadline: 'INTEGER NOT NULL',
  ended_at: 'INTEGER',
  end_reason: 'TEXT',
  token_version: 'INTEGER NOT NULL',
  sealed_tokens: 'TEXT NOT NULL',
};

const LEASE = { lease_holder: 'TEXT', lease_until: 'INTEGER', lease_inherited: 'INTEGER' };

const COLUMNS = { ...RECORD, ...LEASE };

/** The names of the columns that hold a session's record. */
export const RECORD_COLUMNS: string = Object.keys(RECORD).join();

/** The earlier of a session's two deadlines: an SQL expression, with an index on it. */
export const DEADLINE = { sql: 'min(idle_deadline, absolute_deadline)', index: 'sessions_by_first_deadline' };

const SCHEMA = `
  CREATE TABLE sessions (${Object.entries(COLUMNS)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')});
  CREATE TABLE remembered (name TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX sessions_by_subject ON sessions (issuer, subject);
  CREATE INDEX sessions_by_provider_sid ON sessions (issuer, provider_sid);
  CREATE INDEX ${DEADLINE.index} ON sessions (${DEADLINE.sql});
  CREATE INDEX remembered_by_until ON remembered (until);
  PRAGMA user_version = ${VERSION};`;

const UNUSABLE = 'SESSION_FILE_UNUSABLE';

/**
 * The file exists and is no session database of ours, so trying again does not help. The message names the file and
 * what to do.
 */
export class UnusableSessionFile extends Error {
  override readonly name = 'UnusableSessionFile';
  readonly code = UNUSABLE;

  /**
   * @param file - Its path
   * @param fault - What is wrong, e.g. `'is no SQLite database'`
   * @param mend - What the operator can do
   */
  constructor(file: string, fault: string, mend: string) {
    super(`The session database ${file} ${fault}: ${mend}. It was left as it is.`);
  }
}

/**
 * Returns whether an error is an {@link UnusableSessionFile}. Compares the code, since Next bundles the class several
 * times.
 */
export const isUnusableSessionFile = (error: unknown): error is UnusableSessionFile =>
  error instanceof Error && 'code' in error && error.code === UNUSABLE;

/**
 * Checks a file before it is opened for writing. By SQLite and not by `node:fs`: a process that closes a file loses its
 * locks on it, those of a connection that is open too. What another process is writing just now is not judged.
 *
 * @param file - Path of a file; an empty one is fine
 * @throws {UnusableSessionFile} when it is no SQLite database, or one with another version of the schema
 * @see https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
export function checkFile(file: string): void {
  const database = openImmutable(file);
  try {
    const version = versionOf(database);
    // The version may still be in the -wal file.
    if (version !== 0) assertVersion(file, version);
  } catch (error) {
    if (isUnusableSessionFile(error)) throw error;
    if (!isNoDatabase(error)) return;
    const mend = 'point SESSION_STORE_URL to a file of its own, or put the database back from a copy';
    throw new UnusableSessionFile(file, 'is no SQLite database', mend);
  } finally {
    database.close();
  }
}

/**
 * Creates the schema in an empty database, and checks that of any other. Several processes may call it at once.
 *
 * @param database - An open connection
 * @param file - Its path, for messages
 * @throws {UnusableSessionFile} when it has another version of the schema, or it is another program's
 */
export function ensureSchema(database: Database, file: string): void {
  if (isEmpty(database)) {
    database.transaction(() => {
      if (isEmpty(database)) database.exec(SCHEMA);
    });
  }
  if (columnsOf(database).join() !== Object.keys(COLUMNS).join()) {
    const mend = 'point SESSION_STORE_URL to a file of its own';
    throw new UnusableSessionFile(file, 'is another program’s, by its tables', mend);
  }
  assertVersion(file, versionOf(database));
}

function assertVersion(file: string, version: number): void {
  if (version === VERSION) return;
  const fault = `has the schema ${version}, and this version of the layer knows ${VERSION}`;
  const mend =
    'run the version that wrote it, or point SESSION_STORE_URL to another file, where everybody signs in again';
  throw new UnusableSessionFile(file, fault, mend);
}

const isEmpty = (database: Database) => database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;

const versionOf = (database: Database) =>
  database.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0;

const columnsOf = (database: Database) =>
  database
    .prepare<{ name: string }>('PRAGMA table_info(sessions)')
    .all()
    .map(({ name }) => name);
