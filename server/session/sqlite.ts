import type { EndReason, SessionRecord } from './record';
import { connectSqlite, type Statements } from './sqlite-connection';
import { type SessionStore, SessionStoreUnavailable } from './store';

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
 * A file that is moved away is missed at once, and used again when it, or another one, is put in its place.
 *
 * @param file - Path of the database; its folder is made (0700) and the file created readable by its owner only (0600)
 * @returns The store; its methods reject with `SessionStoreUnavailable` when SQLite fails
 * @throws {SessionStoreUnavailable} when the file cannot be opened; the cause is `UnusableSessionFile` when it never will
 * @see https://www.sqlite.org/wal.html
 */
export function openSqliteStore(file: string): SessionStore {
  const connection = answering('open', () => connectSqlite(file));
  const run = <T>(operation: string, use: (statements: Statements) => T): T =>
    answering(operation, () => connection.run(use));

  return {
    async create(record) {
      const { key, publicId, subject, issuer, providerSid, profile, userAgent, createdAt, seenAt } = record;
      const { idleDeadline, absoluteDeadline, endedAt, endReason, tokenVersion, sealedTokens } = record;
      const who = [key, publicId, subject, issuer, providerSid, JSON.stringify(profile), userAgent];
      const when = [createdAt, seenAt, idleDeadline, absoluteDeadline, endedAt, endReason];
      run('create', (db) => db.insert.run(...who, ...when, tokenVersion, sealedTokens));
    },
    async read(key) {
      const [row] = run('read', (db) => db.select.all(key) as Row[]);
      return row ? recordFrom(row) : null;
    },
    async touch(key, seenAt, idleDeadline) {
      return run('touch', (db) => db.updateSeen.run(seenAt, idleDeadline, key)).changes === 1;
    },
    async saveTokens(key, expectedVersion, sealedTokens) {
      return run('saveTokens', (db) => db.updateTokens.run(sealedTokens, key, expectedVersion)).changes === 1;
    },
    async end(key, reason, endedAt, tokenVersion) {
      const end = (db: Statements) =>
        tokenVersion === undefined
          ? db.updateEnded.run(endedAt, reason, key)
          : db.updateEndedAtVersion.run(endedAt, reason, key, tokenVersion);
      return run('end', end).changes === 1;
    },
    async listBySubject(issuer, subject) {
      const rows = run('listBySubject', (db) => db.selectBySubject.all(issuer, subject) as Row[]);
      return rows.map(recordFrom);
    },
    async endBySubject(issuer, subject, reason, endedAt) {
      const parameters = [endedAt, reason, issuer, subject];
      return run('endBySubject', (db) => db.updateEndedBySubject.run(...parameters)).changes;
    },
    async endByProviderSid(issuer, providerSid, reason, endedAt) {
      const parameters = [endedAt, reason, issuer, providerSid];
      return run('endByProviderSid', (db) => db.updateEndedBySid.run(...parameters)).changes;
    },
    async takeRefreshLease(key, tokenVersion, holder, leaseMs) {
      const now = Date.now();
      const parameters = [holder, now + leaseMs, key, tokenVersion, now];
      const [row] = run('takeRefreshLease', (db) => db.updateLease.all(...parameters) as LeaseRow[]);
      if (!row) return 'refused';
      return row.lease_inherited ? 'inherited' : 'taken';
    },
    async releaseRefreshLease(key, holder, refreshToken) {
      const until = refreshToken === 'unused' ? null : 0;
      run('releaseRefreshLease', (db) => db.clearLease.run(until, key, holder));
    },
    async remembers(name) {
      return run('remembers', (db) => db.selectRemembered.all(name, Date.now())).length > 0;
    },
    async rememberOnce(name, until) {
      return run('rememberOnce', (db) => db.insertRemembered.run(name, until, Date.now())).changes === 1;
    },
    async sweep(now) {
      run('sweep', (db) => db.deleteForgotten.run(now));
      return run('sweep', (db) => db.deleteExpired.run(now)).changes;
    },
    async ping() {
      run('ping', (db) => db.select.all(''));
    },
    async close() {
      connection.close();
    },
  };
}

function answering<T>(operation: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new SessionStoreUnavailable(operation, cause);
  }
}
