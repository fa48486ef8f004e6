import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SessionRecord } from '../../packages/next-trpc-bff/src/session/record';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { type SessionStore, SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { sampleRecord } from '../support/sample-record';
import { newFile, opened } from '../support/sqlite-files';

describe('R2 a database file that is lost while it is in use', () => {
  const begun = async (name: string) => {
    const file = newFile(name);
    const record = sampleRecord();
    const store = opened(file);
    await store.create(record);
    return { file, folder: dirname(file), store, record };
  };
  const isAway = async (store: SessionStore, { key }: SessionRecord) => {
    const operations = [
      () => store.read(key),
      () => store.endRecord(key, 'signed-out', 7),
      () => store.ping(),
    ];
    for (const operation of [...operations, () => store.create(sampleRecord())])
      await expect(operation()).rejects.toThrow(SessionStoreUnavailable);
  };

  test('with its folder is unavailable until it is back, and no new file is created', async () => {
    const { file, folder, store, record } = await begun('moved');
    renameSync(folder, `${folder}-away`);
    await isAway(store, record);
    expect(existsSync(file)).toBe(false);
    renameSync(`${folder}-away`, folder);
    expect(await store.read(record.key)).toEqual(record);
    expect(await store.saveTokens(record.key, 1, 'v1.second')).toBe(true);
  });

  test('for good is unavailable until a copy is put in its place, whose sessions are live', async () => {
    const { folder, store, record } = await begun('copied');
    cpSync(folder, `${folder}-copy`, { recursive: true });
    rmSync(folder, { recursive: true });
    await isAway(store, record);
    renameSync(`${folder}-copy`, folder);
    expect(await store.read(record.key)).toEqual(record);
    expect(await store.endRecord(record.key, 'signed-out', 7)).toBe(true);
    expect(await opened(join(folder, 'sessions.db')).read(record.key)).toMatchObject({ endedAt: 7 });
  });

  test('and replaced by an unusable one is unavailable until there is a usable one', async () => {
    const { file, store, record } = await begun('spoilt');
    renameSync(file, `${file}-away`);
    writeFileSync(file, 'no database');
    await isAway(store, record);
    expect(readFileSync(file, 'utf8')).toBe('no database');
    renameSync(`${file}-away`, file);
    expect(await store.read(record.key)).toEqual(record);
  });

  test('R10 that was away, and is back, is locked as before: no other process gets it for itself', async () => {
    const { file, folder, store, record } = await begun('swapped');
    const other = newFile('in-between');
    await openSqliteStore(other).close();
    renameSync(folder, `${folder}-away`);
    renameSync(dirname(other), folder);
    expect(await store.read(record.key)).toBeNull();
    renameSync(folder, dirname(other));
    renameSync(`${folder}-away`, folder);
    expect(await store.read(record.key)).toEqual(record);

    const takeAlone = `
      const { DatabaseSync } = require('@photostructure/sqlite');
      const database = new DatabaseSync(${JSON.stringify(file)});
      database.exec('PRAGMA locking_mode = EXCLUSIVE; UPDATE sessions SET seen_at = 99');`;
    const { stderr } = spawnSync(process.execPath, ['-e', takeAlone], { encoding: 'utf8' });
    expect(stderr).toContain('database is locked');
    expect(await store.read(record.key)).toEqual(record);
  });
});
