import { statSync } from 'node:fs';
import type { SessionRecord } from '../record.js';
import { GRACE_MS, type SessionStore, SessionStoreUnavailable, type StoreOperation } from '../store.js';
import { makeSessionFile, openSessionFile } from './open.js';
import type { SessionRow, Statements } from './statements.js';

const recordFrom = (row: SessionRow): SessionRecord => ({
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
 * If the file is moved away, calls fail until it, or another one, is put in its place.
 *
 * @param file - Path of the database; its folder is made (0700) and the file created readable by its owner only (0600)
 * @returns The store; its methods reject with `SessionStoreUnavailable` when SQLite fails
 * @throws {SessionStoreUnavailable} when the file cannot be opened; the cause is `UnusableSessionFile` when it never will
 * @see https://www.sqlite.org/wal.html
 * @see https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function openSqliteStore(file: string): SessionStore {
  const open = () => ({ identity: identityOf(file), ...openSessionFile(file) });
  let opened = answering('open', () => {
    makeSessionFile(file);
    return open();
  });

  /** The file may have been replaced; what is written to a deleted one is lost when the process ends. */
  function current() {
    const identity = identityOf(file);
    if (identity === null) throw new Error(`The session database ${file} is gone: put it back.`);
    if (identity !== opened.identity) {
      const replaced = opened;
      opened = open();
      replaced.database.close();
    }
    return opened;
  }

  type Use<T> = (statements: Statements) => T;
  const read = <T>(operation: StoreOperation, use: Use<T>) =>
    answering(operation, () => use(current().statements));
  const writeAs = <T>(synchronous: 'NORMAL' | 'FULL', operation: StoreOperation, use: Use<T>) =>
    answering(operation, () => {
      const { database, statements } = current();
      database.exec(`PRAGMA synchronous = ${synchronous}`);
      return use(statements);
    });
  /** Once it returns, the process can be killed without losing what was written. */
  const write = <T>(operation: StoreOperation, use: Use<T>) => writeAs('NORMAL', operation, use);
  /** Once it returns, the machine can lose its power as well: for saved tokens and ended sessions. Waits for the disk. */
  const writeDurably = <T>(operation: StoreOperation, use: Use<T>) => writeAs('FULL', operation, use);

  return {
    async create(record) {
      const { key, publicId, subject, issuer, providerSid, profile, userAgent, createdAt, seenAt } = record;
      const { idleDeadline, absoluteDeadline, endedAt, endReason, tokenVersion, sealedTokens } = record;
      const who = [key, publicId, subject, issuer, providerSid, JSON.stringify(profile), userAgent];
      const when = [createdAt, seenAt, idleDeadline, absoluteDeadline, endedAt, endReason];
      write('create', (db) => db.insert.run(...who, ...when, tokenVersion, sealedTokens));
    },
    async read(key) {
      const row = read('read', (db) => db.select.get(key));
      return row ? recordFrom(row) : null;
    },
    async touch(key, seenAt, idleDeadline) {
      return write('touch', (db) => db.updateSeen.run(seenAt, idleDeadline, key)) === 1;
    },
    async saveTokens(key, expectedVersion, sealedTokens) {
      const save = (db: Statements) => db.updateTokens.run(sealedTokens, key, expectedVersion);
      return writeDurably('saveTokens', save) === 1;
    },
    async endRecord(key, reason, endedAt, tokenVersion) {
      const endRecord = (db: Statements) =>
        tokenVersion === undefined
          ? db.updateEnded.run(endedAt, reason, key)
          : db.updateEndedAtVersion.run(endedAt, reason, key, tokenVersion);
      return writeDurably('endRecord', endRecord) === 1;
    },
    async listBySubject(issuer, subject) {
      return read('listBySubject', (db) => db.selectBySubject.all(issuer, subject)).map(recordFrom);
    },
    async endBySubject(issuer, subject, reason, endedAt) {
      const endRecord = (db: Statements) => db.updateEndedBySubject.run(endedAt, reason, issuer, subject);
      return writeDurably('endBySubject', endRecord);
    },
    async endByProviderSid(issuer, providerSid, reason, endedAt) {
      const endRecord = (db: Statements) => db.updateEndedBySid.run(endedAt, reason, issuer, providerSid);
      return writeDurably('endByProviderSid', endRecord);
    },
    async takeRefreshLease(key, tokenVersion, holder, leaseMs) {
      const now = Date.now();
      const parameters = [holder, now + leaseMs, key, tokenVersion, now];
      const [row] = write('takeRefreshLease', (db) => db.updateLease.all(...parameters));
      if (!row) return 'refused';
      return row.lease_inherited ? 'inherited' : 'taken';
    },
    async releaseRefreshLease(key, holder, refreshToken) {
      const leaseUntil = refreshToken === 'unused' ? null : 0;
      write('releaseRefreshLease', (db) => db.clearLease.run(leaseUntil, key, holder));
    },
    async hasSeen(name) {
      return read('hasSeen', (db) => db.selectRemembered.get(name, Date.now())) !== undefined;
    },
    async markSeen(name, leaseUntil) {
      return write('markSeen', (db) => db.insertRemembered.run(name, leaseUntil, Date.now())) === 1;
    },
    async sweep(now) {
      const forgotten = write('sweep', (db) => db.deleteForgotten.run(now));
      return forgotten + write('sweep', (db) => db.deleteExpired.run(now - GRACE_MS));
    },
    async ping() {
      read('ping', (db) => db.select.get(''));
    },
    async close() {
      opened.database.close();
    },
  };
}

function answering<T>(operation: StoreOperation, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new SessionStoreUnavailable(operation, cause);
  }
}

/** Returns a file's identity, which differs from that of another file at the same path; null when there is none. */
function identityOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}` : null;
}
