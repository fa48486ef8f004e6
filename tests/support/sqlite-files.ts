import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { temporaryFolder } from './environment';

/** Where the files of a test file are. */
export const folder = temporaryFolder();

/** A path in a folder of its own. */
export function newFile(name: string): string {
  mkdirSync(join(folder, name));
  return join(folder, name, 'sessions.db');
}

/** Writes a database as some other program would. */
export function databaseFile(name: string, sql: string): string {
  const file = newFile(name);
  const database = openDatabase(file);
  database.exec(sql);
  database.close();
  return file;
}

/** Opens a store, and closes it after the test. */
export function opened(file: string) {
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  return store;
}
