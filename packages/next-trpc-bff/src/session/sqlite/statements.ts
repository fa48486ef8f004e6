import type { EndReason } from '../record.js';
import type { Database } from './driver.js';
import { DEADLINE, RECORD_COLUMNS } from './schema.js';

/** A session as the database keeps it. */
export interface SessionRow {
  readonly key: string;
  readonly public_id: string;
  readonly subject: string;
  readonly issuer: string;
  readonly provider_sid: string | null;
  readonly profile: string;
  readonly user_agent: string | null;
  readonly created_at: number;
  readonly seen_at: number;
  readonly idle_deadline: number;
  readonly absolute_deadline: number;
  readonly ended_at: number | null;
  readonly end_reason: EndReason | null;
  readonly token_version: number;
  readonly sealed_tokens: string;
}

interface LeaseRow {
  readonly lease_inherited: number;
}

/** How many rows of a table one sweep deletes: it takes a few milliseconds. */
const MOST_SWEPT = 50;

/**
 * Prepares the store's statements. Each operation is a single statement, so that no transaction can lose a race.
 *
 * @param database - A connection whose schema is up to date
 * @throws When the schema is not the expected one
 */
export function prepareStatements(database: Database) {
  const endedWhere = (condition: string) =>
    database.prepare(
      `UPDATE sessions SET ended_at = ?, end_reason = ?, sealed_tokens = '' WHERE ${condition} AND ended_at IS NULL`,
    );
  return {
    insert: database.prepare(
      'INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)',
    ),
    select: database.prepare<SessionRow>(`SELECT ${RECORD_COLUMNS} FROM sessions WHERE key = ?`),
    selectBySubject: database.prepare<SessionRow>(
      `SELECT ${RECORD_COLUMNS} FROM sessions WHERE issuer = ? AND subject = ? AND ended_at IS NULL ORDER BY created_at DESC`,
    ),
    updateSeen: database.prepare(
      'UPDATE sessions SET seen_at = ?, idle_deadline = ? WHERE key = ? AND ended_at IS NULL',
    ),
    updateTokens: database.prepare(
      'UPDATE sessions SET sealed_tokens = ?, token_version = token_version + 1, lease_holder = NULL, lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
    ),
    updateEnded: endedWhere('key = ?'),
    updateEndedAtVersion: endedWhere('key = ? AND token_version = ?'),
    updateEndedBySubject: endedWhere('issuer = ? AND subject = ?'),
    updateEndedBySid: endedWhere('issuer = ? AND provider_sid = ?'),
    // An update sees the row as it was: a lease that is still in it was never released.
    updateLease: database.prepare<LeaseRow>(`
      UPDATE sessions SET lease_inherited = lease_until IS NOT NULL, lease_holder = ?, lease_until = ?
      WHERE key = ? AND token_version = ? AND ended_at IS NULL AND (lease_until IS NULL OR lease_until <= ?)
      RETURNING lease_inherited`),
    clearLease: database.prepare(
      'UPDATE sessions SET lease_holder = NULL, lease_until = ? WHERE key = ? AND lease_holder = ?',
    ),
    selectRemembered: database.prepare('SELECT name FROM remembered WHERE name = ? AND until > ?'),
    insertRemembered: database.prepare(
      'INSERT INTO remembered VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE until <= ?',
    ),
    deleteForgotten: database.prepare(`
      DELETE FROM remembered WHERE name IN (SELECT name FROM remembered WHERE until <= ? LIMIT ${MOST_SWEPT})`),
    deleteExpired: database.prepare(`
      DELETE FROM sessions WHERE key IN
        (SELECT key FROM sessions INDEXED BY ${DEADLINE.index} WHERE ${DEADLINE.sql} < ? LIMIT ${MOST_SWEPT})`),
  };
}

/** The statements of an open file. */
export type Statements = ReturnType<typeof prepareStatements>;
