import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { type SessionStore, SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { canLimitFiles, setFileLimit } from '../support/confinement';
import { temporaryFolder } from '../support/environment';
import { sampleRecord } from '../support/sample-record';
import { describeStoreContract } from '../support/store-contract';

const folder = temporaryFolder();

describeStoreContract('SQLite', () => openSqliteStore(join(folder, 'contract', 'sessions.db')));

test('S7 the database and its side files are readable by their owner only', async () => {
  const file = join(folder, 'modes', 'sessions.db');
  const store = openSqliteStore(file);
  await store.create(sampleRecord());
  for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'modes')).mode & 0o777).toBe(0o700);
});

test('two stores on one file see each other’s writes', async () => {
  const file = join(folder, 'shared.db');
  const [one, other] = [openSqliteStore(file), openSqliteStore(file)];
  const record = sampleRecord();
  await one.create(record);
  await other.endRecord(record.key, 'signed-out', 7);
  expect(await one.read(record.key)).toMatchObject({ endedAt: 7 });
});

test('a file that cannot be a database is reported as unavailable', () => {
  expect(() => openSqliteStore(folder)).toThrow(SessionStoreUnavailable);
});

test('a store whose table is gone is unavailable, and works again when it is back', async () => {
  const file = join(folder, 'outage.db');
  const store = openSqliteStore(file);
  const record = sampleRecord();
  await store.create(record);
  const operator = openDatabase(file);
  operator.exec('ALTER TABLE sessions RENAME TO gone');
  await expect(store.read(record.key)).rejects.toThrow(SessionStoreUnavailable);
  await expect(store.endRecord(record.key, 'signed-out', 7)).rejects.toMatchObject({
    code: 'SESSION_STORE_UNAVAILABLE',
  });
  await expect(store.ping()).rejects.toThrow(SessionStoreUnavailable);
  operator.exec('ALTER TABLE gone RENAME TO sessions');
  expect(await store.read(record.key)).toEqual(record);
});

/** Has the database out of order for a while, as a statement sees it. */
async function withoutTable(file: string, run: () => Promise<void>): Promise<void> {
  const operator = openDatabase(file);
  operator.exec('ALTER TABLE sessions RENAME TO gone');
  await run();
  operator.exec('ALTER TABLE gone RENAME TO sessions');
}

test.each([
  ['a read', (store: SessionStore, key: string) => store.read(key)],
  ['a list', (store: SessionStore) => store.listBySubject('http://localhost:4000', 'alice')],
  ['a ping', (store: SessionStore) => store.ping()],
  ['an end', (store: SessionStore, key: string) => store.endRecord(key, 'signed-out', 7)],
  ['a touch', (store: SessionStore, key: string) => store.touch(key, 8, 9)],
  ['a lease', (store: SessionStore, key: string) => store.takeRefreshLease(key, 1, 'a', 60_000)],
  ['a save', (store: SessionStore, key: string) => store.saveTokens(key, 1, 'v1.second')],
])('R2 after %s that failed, each user gets an answer about their own session', async (name, operation) => {
  const file = join(folder, `after ${name}.db`);
  const store = openSqliteStore(file);
  const [alice, bob] = [sampleRecord(), sampleRecord({ subject: 'bob' })];
  await store.create(alice);
  await store.create(bob);
  await withoutTable(file, async () => {
    await expect(operation(store, alice.key)).rejects.toThrow(SessionStoreUnavailable);
  });
  expect(await store.read(bob.key)).toEqual(bob);
  expect(await store.read(alice.key)).toEqual(alice);
  const bobs = await store.listBySubject(bob.issuer, 'bob');
  expect(bobs.map(({ key }) => key)).toEqual([bob.key]);
  expect(await store.takeRefreshLease(bob.key, 1, 'b', 60_000)).toBe('taken');
  expect(await store.takeRefreshLease(alice.key, 1, 'b', 60_000)).toBe('taken');
});

test.skipIf(!canLimitFiles())(
  'R4 a write that failed is not reported as done: no lease, no end, no tokens',
  async () => {
    const store = openSqliteStore(join(folder, 'unwritable.db'));
    const record = sampleRecord();
    const { key } = record;
    await store.create(record);
    const operations = [
      () => store.takeRefreshLease(key, 1, 'a', 60_000),
      () => store.saveTokens(key, 1, 'v1.second'),
      () => store.endRecord(key, 'signed-out', 7),
      () => store.touch(key, 8, 9),
      () => store.create(sampleRecord()),
      () => store.markSeen('jti', Date.now() + 60_000),
    ];
    setFileLimit(process.pid, 0);
    try {
      for (const operation of operations) await expect(operation()).rejects.toThrow(SessionStoreUnavailable);
      expect(await store.read(key)).toEqual(record);
    } finally {
      setFileLimit(process.pid, 'unlimited');
    }
    expect(await store.takeRefreshLease(key, 1, 'b', 60_000)).toBe('taken');
    expect(await store.saveTokens(key, 1, 'v1.second')).toBe(true);
    expect(await store.markSeen('jti', Date.now() + 60_000)).toBe(true);
  },
);

test('R10 only ends of sessions and saves of tokens wait for the disk', async () => {
  const file = join(folder, 'levels.db');
  const store = openSqliteStore(file);
  const operator = openDatabase(file);
  operator.exec(`CREATE TABLE levels (level);
    CREATE TRIGGER inserted AFTER INSERT ON sessions BEGIN INSERT INTO levels SELECT synchronous FROM pragma_synchronous; END;
    CREATE TRIGGER updated AFTER UPDATE ON sessions BEGIN INSERT INTO levels SELECT synchronous FROM pragma_synchronous; END`);
  const [NORMAL, FULL] = [1, 2];
  const levelOf = async (run: () => Promise<unknown>) => {
    operator.exec('DELETE FROM levels');
    await run();
    return operator.prepare<{ level: number }>('SELECT level FROM levels').get()?.level;
  };
  const [one, two] = [sampleRecord(), sampleRecord()];
  const [three, four] = [sampleRecord({ subject: 'bob' }), sampleRecord({ providerSid: 'sid-2' })];
  const { key, issuer } = one;
  const levels = {
    create: await levelOf(() => store.create(one)),
    lease: await levelOf(() => store.takeRefreshLease(key, 1, 'a', 60_000)),
    save: await levelOf(() => store.saveTokens(key, 1, 'v1.second')),
    touch: await levelOf(() => store.touch(key, 8, Date.now() + 60_000)),
    end: await levelOf(() => store.endRecord(key, 'signed-out', 7)),
    createAfterEnd: await levelOf(() => store.create(two)),
    endAtVersion: await levelOf(() => store.endRecord(two.key, 'signed-out', 7, 1)),
    createThird: await levelOf(() => store.create(three)),
    endBySubject: await levelOf(() => store.endBySubject(issuer, 'bob', 'revoked', 7)),
    createFourth: await levelOf(() => store.create(four)),
    endByProviderSid: await levelOf(() => store.endByProviderSid(issuer, 'sid-2', 'back-channel', 7)),
  };
  expect(levels).toEqual({
    ...{ create: NORMAL, lease: NORMAL, save: FULL, touch: NORMAL, end: FULL },
    ...{ createAfterEnd: NORMAL, endAtVersion: FULL, createThird: NORMAL, endBySubject: FULL },
    ...{ createFourth: NORMAL, endByProviderSid: FULL },
  });
});

test('a row that is read contains only the record', async () => {
  const store = openSqliteStore(join(folder, 'rows.db'));
  const record = sampleRecord();
  await store.create(record);
  expect(Object.keys((await store.read(record.key)) ?? {}).sort()).toEqual(Object.keys(record).sort());
});
