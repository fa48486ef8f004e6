import { pathToFileURL } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';

/** A value for a `?` of a statement. */
export type Parameter = string | number | null;

/** A prepared statement, usable while its database is open. A call that fails does not affect the next one. */
export interface Statement<Row> {
  /** Runs it. Returns how many rows it changed. */
  run(...parameters: Parameter[]): number;
  /** Returns the first row. Only for statements that read: a commit that fails after the first row is not reported. */
  get(...parameters: Parameter[]): Row | undefined;
  /** Runs it. Returns all rows. */
  all(...parameters: Parameter[]): Row[];
}

/** An open SQLite database. Its methods throw SQLite's errors, and a `TypeError` for text that SQLite would change. */
export interface Database {
  /** Runs one or several statements without parameters. */
  exec(sql: string): void;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /** Runs statements, all of them or none, while no other process writes. */
  transaction(run: () => void): void;
  close(): void;
}

/** The result code for a file that is no database: SQLITE_NOTADB. */
const NO_DATABASE_CODE = 26;

/** The result codes for a lock that another process holds: SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL. */
const BUSY_CODES = new Set([5, 6, 15]);

/** An extended result code has the primary one in its lowest byte. */
const PRIMARY_CODE = 0xff;

/**
 * Opens a SQLite database. The only file that imports the library, whose API is that of `node:sqlite`: on a Node whose
 * own SQLite does not have the WAL-reset bug, `node:sqlite` may be imported here instead.
 *
 * @param file - Its path, created where there is none, or `':memory:'`
 * @param busyTimeoutMs - How long a statement waits for another process's write, ms; the event loop waits with it
 * @throws SQLite's error when it cannot be opened
 * @see https://nodejs.org/api/sqlite.html
 */
export const openDatabase = (file: string, busyTimeoutMs = 0): Database =>
  databaseOf(new DatabaseSync(file, { timeout: busyTimeoutMs }));

/**
 * Opens the database in a file as it is, to look at it: takes no lock, writes nothing, and knows nothing of a WAL.
 *
 * @param file - Its path
 * @throws SQLite's error when it cannot be read
 * @see https://www.sqlite.org/uri.html#uriimmutable
 */
export const openImmutable = (file: string): Database =>
  databaseOf(new DatabaseSync(`${pathToFileURL(file).href}?immutable=1`, { readOnly: true }));

function databaseOf(database: InstanceType<typeof DatabaseSync>): Database {
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run: (...parameters) => Number(statement.run(...checked(parameters)).changes),
        get: (...parameters) => statement.get(...checked(parameters)),
        all: (...parameters) => statement.all(...checked(parameters)),
      };
    },
    transaction(run) {
      database.exec('BEGIN IMMEDIATE');
      try {
        run();
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}

/**
 * Returns whether an error means that another process holds a lock, so that trying again may help. In a race for a new
 * WAL file the code may also be SQLITE_LOCKED or SQLITE_PROTOCOL.
 *
 * @see https://www.sqlite.org/rescode.html
 */
export const isBusy = (error: unknown): boolean => BUSY_CODES.has(resultCodeOf(error));

/** Returns whether an error means that a file is no SQLite database. */
export const isNoDatabase = (error: unknown): boolean => resultCodeOf(error) === NO_DATABASE_CODE;

const resultCodeOf = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & PRIMARY_CODE
    : 0;

/** The library cuts text at a NUL and replaces lone surrogates: two ids would become one. */
function checked(parameters: Parameter[]): Parameter[] {
  for (const value of parameters)
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
      throw new TypeError('A text with a NUL or a lone surrogate cannot be kept as it is.');
  return parameters;
}
