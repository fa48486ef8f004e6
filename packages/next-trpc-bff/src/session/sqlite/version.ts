import { type Database, openDatabase } from './driver.js';

const AFFECTED = 'SQLITE_AFFECTED';

/** This SQLite may lose committed writes. The message names its version and what to do. */
export class AffectedSqlite extends Error {
  override readonly name = 'AffectedSqlite';
  readonly code = AFFECTED;

  /** @param version - As SQLite reports it, e.g. `'3.51.2'` */
  constructor(version: string) {
    super(
      `SQLite ${version} runs here, which has the WAL-reset bug (https://sqlite.org/wal.html#walresetbug): processes that share the session database may lose sessions and sign-outs, or corrupt it. Install the version of @photostructure/sqlite that package.json names (npm ci), or another one that carries SQLite 3.51.3 or newer.`,
    );
  }
}

/** Returns whether an error is an {@link AffectedSqlite}. Compares the code, since Next bundles the class several times. */
export const isAffectedSqlite = (error: unknown): error is AffectedSqlite =>
  error instanceof Error && 'code' in error && error.code === AFFECTED;

/**
 * Returns whether a version of SQLite can lose committed writes when several connections share a database in WAL mode,
 * or has no such mode: all before 3.51.3, but for 3.50.7 and 3.44.6 and what followed on their branches.
 *
 * @param version - As SQLite reports it: numbers with dots
 * @see https://sqlite.org/wal.html#walresetbug
 */
export function hasWalResetBug(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3) return major < 3;
  if (minor === 44) return patch < 6;
  if (minor === 50) return patch < 7;
  return minor === 51 ? patch < 3 : minor < 51;
}

/** @throws {AffectedSqlite} when this SQLite has the WAL-reset bug */
export function refuseAffectedSqlite(): void {
  const database = openDatabase(':memory:');
  try {
    const version = versionOf(database);
    if (hasWalResetBug(version)) throw new AffectedSqlite(version);
  } finally {
    database.close();
  }
}

const versionOf = (database: Database) =>
  database.prepare<{ version: string }>('SELECT sqlite_version() AS version').get()?.version ?? '';
