import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import type { EndReason, SessionRecord } from './record';
import { type SessionStore, SessionStoreUnavailable } from './store';

/** How long a statement waits for another process's write, ms. The event loop waits with it, so it is short. */
const BUSY_TIMEOUT_MS = 1_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (
    key TEXT PRIMARY KEY, public_id TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL, issuer TEXT NOT NULL, provider_sid TEXT, profile TEXT NOT NULL, user_agent TEXT,
    created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, idle_deadline INTEGER NOT NULL, absolute_deadline INTEGER NOT NULL,
    ended_at INTEGER, end_reason TEXT, token_version INTEGER NOT NULL, sealed_tokens TEXT NOT NULL,
    lease_holder TEXT, lease_until INTEGER, lease_inherited INTEGER
  );
  CREATE TABLE IF NOT EXISTS remembered (name TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sessions_by_subject ON sessions (issuer, subject);
  CREATE INDEX IF NOT EXISTS sessions_by_provider_sid ON sessions (issuer, provider_sid);
  CREATE INDEX IF NOT EXISTS sessions_by_deadline ON sessions (absolute_deadline);`;

interface Row {
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

const recordFrom = (row: Row): SessionRecord => ({
  key: row.key,
  publicId: row.public_id,
  subject: row.subject,
  issuer: row.issuer,
  providerSid: row.provider_sid,
  profile: JSON.parse(row.profile),
  userAgent: row.user_agent,
  createdAt: row.created_at,
  seenAt: row.seen_at,
  idleDeadline: row.idle_deadline,
  absoluteDeadline: row.absolute_deadline,
  endedAt: row.ended_at,
  endReason: row.end_reason,
  tokenVersion: row.token_version,
  sealedTokens: row.sealed_tokens,
});

/**
 * Opens a session store in one SQLite file, for one machine: any number of processes may share the file.
 * Each write is a single statement, so there is no transaction to lose a race in.
 *
 * @param file - Path of the database; its folder is made (0700) and the file created readable by its owner only (0600)
 * @returns The store; its methods reject with `SessionStoreUnavailable` when SQLite fails
 * @throws {SessionStoreUnavailable} when the file cannot be opened
 * @see https://www.sqlite.org/wal.html
 */
export function openSqliteStore(file: string): SessionStore {
  const database = answering('open', () => openDatabase(file));
  const insert = database.prepare(
    'INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)',
  );
  const select = database.prepare('SELECT * FROM sessions WHERE key = ?');
  const selectBySubject = database.prepare(
    'SELECT * FROM sessions WHERE issuer = ? AND subject = ? AND ended_at IS NULL ORDER BY created_at DESC',
  );
  const updateSeen = database.prepare(
    'UPDATE sessions SET seen_at = ?, idle_deadline = ? WHERE key = ? AND ended_at IS NULL',
  );
  const updateTokens = database.prepare(
    'UPDATE sessions SET sealed_tokens = ?, token_version = token_version + 1, lease_holder = NULL, lease_until = NULL WHERE key = ? AND token_version = ? AND ended_at IS NULL',
  );
  const endedWhere = (condition: string) =>
    database.prepare(
      `UPDATE sessions SET ended_at = ?, end_reason = ?, sealed_tokens = '' WHERE ${condition} AND ended_at IS NULL`,
    );
  const updateEnded = endedWhere('key = ?');
  const updateEndedAtVersion = endedWhere('key = ? AND token_version = ?');
  const updateEndedBySubject = endedWhere('issuer = ? AND subject = ?');
  const updateEndedBySid = endedWhere('issuer = ? AND provider_sid = ?');
  // An update sees the row as it was: a lease that is still noted was never given back.
  const updateLease = database.prepare(`
    UPDATE sessions SET lease_inherited = lease_until IS NOT NULL, lease_holder = ?, lease_until = ?
    WHERE key = ? AND token_version = ? AND ended_at IS NULL AND (lease_until IS NULL OR lease_until <= ?)
    RETURNING lease_inherited`);
  const clearLease = database.prepare(
    'UPDATE sessions SET lease_holder = NULL, lease_until = ? WHERE key = ? AND lease_holder = ?',
  );
  const selectRemembered = database.prepare('SELECT name FROM remembered WHERE name = ? AND until > ?');
  const insertRemembered = database.prepare(
    'INSERT INTO remembered VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE until <= ?',
  );
  const deleteForgotten = database.prepare('DELETE FROM remembered WHERE until <= ?');
  const deleteExpired = database.prepare('DELETE FROM sessions WHERE absolute_deadline < ?');

  return {
    async create(record) {
      const { key, publicId, subject, issuer, providerSid, profile, userAgent, createdAt, seenAt } = record;
      const { idleDeadline, absoluteDeadline, endedAt, endReason, tokenVersion, sealedTokens } = record;
      const who = [key, publicId, subject, issuer, providerSid, JSON.stringify(profile), userAgent];
      const when = [createdAt, seenAt, idleDeadline, absoluteDeadline, endedAt, endReason];
      answering('create', () => insert.run(...who, ...when, tokenVersion, sealedTokens));
    },
    async read(key) {
      const row = answering('read', () => select.get(key) as Row | undefined);
      return row ? recordFrom(row) : null;
    },
    async touch(key, seenAt, idleDeadline) {
      return answering('touch', () => updateSeen.run(seenAt, idleDeadline, key)).changes === 1;
    },
    async saveTokens(key, expectedVersion, sealedTokens) {
      return (
        answering('saveTokens', () => updateTokens.run(sealedTokens, key, expectedVersion)).changes === 1
      );
    },
    async end(key, reason, endedAt, tokenVersion) {
      const end = () =>
        tokenVersion === undefined
          ? updateEnded.run(endedAt, reason, key)
          : updateEndedAtVersion.run(endedAt, reason, key, tokenVersion);
      return answering('end', end).changes === 1;
    },
    async listBySubject(issuer, subject) {
      const rows = answering('listBySubject', () => selectBySubject.all(issuer, subject) as Row[]);
      return rows.map(recordFrom);
    },
    async endBySubject(issuer, subject, reason, endedAt) {
      const end = () => updateEndedBySubject.run(endedAt, reason, issuer, subject);
      return answering('endBySubject', end).changes;
    },
    async endByProviderSid(issuer, providerSid, reason, endedAt) {
      const end = () => updateEndedBySid.run(endedAt, reason, issuer, providerSid);
      return answering('endByProviderSid', end).changes;
    },
    async takeRefreshLease(key, tokenVersion, holder, leaseMs) {
      const now = Date.now();
      const take = () =>
        updateLease.get(holder, now + leaseMs, key, tokenVersion, now) as LeaseRow | undefined;
      const row = answering('takeRefreshLease', take);
      if (!row) return 'refused';
      return row.lease_inherited ? 'inherited' : 'taken';
    },
    async releaseRefreshLease(key, holder, refreshToken) {
      const until = refreshToken === 'unused' ? null : 0;
      answering('releaseRefreshLease', () => clearLease.run(until, key, holder));
    },
    async remembers(name) {
      return answering('remembers', () => selectRemembered.get(name, Date.now())) !== undefined;
    },
    async rememberOnce(name, until) {
      return answering('rememberOnce', () => insertRemembered.run(name, until, Date.now())).changes === 1;
    },
    async sweep(now) {
      answering('sweep', () => deleteForgotten.run(now));
      return answering('sweep', () => deleteExpired.run(now)).changes;
    },
    async ping() {
      answering('ping', () => select.get(''));
    },
    async close() {
      database.close();
    },
  };
}

function openDatabase(file: string) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives its -wal and -shm files the mode of the database file.
  closeSync(openSync(file, 'a', 0o600));
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`);
  return database;
}

function answering<T>(operation: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new SessionStoreUnavailable(operation, cause);
  }
}
