import { statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../../server/session/sqlite';
import { SessionStoreUnavailable } from '../../server/session/store';
import { temporaryFolder } from '../support/environment';
import { describeStoreContract, sampleRecord } from '../support/store-contract';

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
  await other.end(record.key, 'signed-out', 7);
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
  const operator = new Database(file);
  operator.exec('ALTER TABLE sessions RENAME TO gone');
  await expect(store.read(record.key)).rejects.toThrow(SessionStoreUnavailable);
  await expect(store.end(record.key, 'signed-out', 7)).rejects.toMatchObject({
    code: 'SESSION_STORE_UNAVAILABLE',
  });
  await expect(store.ping()).rejects.toThrow(SessionStoreUnavailable);
  operator.exec('ALTER TABLE gone RENAME TO sessions');
  expect(await store.read(record.key)).toEqual(record);
});

test('a sweep tells how many sessions it deleted', async () => {
  const store = openSqliteStore(join(folder, 'sweep.db'));
  for (const absoluteDeadline of [1_000, 1_000, 1_001])
    await store.create(sampleRecord({ absoluteDeadline }));
  expect(await store.sweep(1_001)).toBe(2);
  expect(await store.sweep(1_001)).toBe(0);
});

test('a row that is read carries nothing but the record', async () => {
  const store = openSqliteStore(join(folder, 'rows.db'));
  const record = sampleRecord();
  await store.create(record);
  expect(Object.keys((await store.read(record.key)) ?? {}).sort()).toEqual(Object.keys(record).sort());
});
