import { z } from 'zod';
import type { Tokens } from '../../packages/next-trpc-bff/src/session/record';
import { keyringFrom, openTokens, recordKeyOf } from '../../packages/next-trpc-bff/src/session/secrets';
import { type Database, openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { AUTH_SECRET, type RunningApp } from './app';

const rowSchema = z.object({
  key: z.string(),
  subject: z.string(),
  ended_at: z.number().nullable(),
  end_reason: z.string().nullable(),
  token_version: z.number(),
  sealed_tokens: z.string(),
});

/** A row of the session table, as far as tests look at it. */
export type SessionRow = z.infer<typeof rowSchema>;

type Store = Pick<RunningApp, 'databaseFile'>;

/** Returns all sessions in the database, ended ones too. */
export const sessionRows = (app: Store): SessionRow[] =>
  inDatabase(app, (database) => z.array(rowSchema).parse(database.prepare('SELECT * FROM sessions').all()));

/** Returns the session of a cookie's value. */
export function rowOf(app: Store, sessionToken: string): SessionRow {
  const row = sessionRows(app).find(({ key }) => key === recordKeyOf(sessionToken));
  if (!row) throw new Error('There is no such session in the database.');
  return row;
}

/** Opens the tokens of a live session with the test's own secret. */
export function tokensOf(app: Store, sessionToken: string): Tokens {
  const { key, sealed_tokens: sealed } = rowOf(app, sessionToken);
  const tokens = openTokens(sealed, key, keyringFrom([AUTH_SECRET]));
  if (!tokens) throw new Error('The tokens do not open.');
  return tokens;
}

/** Runs something while the store answers every call with an error. */
export async function whileStoreIsDown<T>(app: Store, run: () => Promise<T>): Promise<T> {
  inDatabase(app, (database) => database.exec('ALTER TABLE sessions RENAME TO sessions_out_of_reach'));
  try {
    return await run();
  } finally {
    inDatabase(app, (database) => database.exec('ALTER TABLE sessions_out_of_reach RENAME TO sessions'));
  }
}

/** Runs something while the store can be read but not written. */
export async function whileStoreIsReadOnly<T>(app: Store, run: () => Promise<T>): Promise<T> {
  inDatabase(app, (database) =>
    database.exec(
      "CREATE TRIGGER read_only BEFORE UPDATE ON sessions BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    ),
  );
  try {
    return await run();
  } finally {
    inDatabase(app, (database) => database.exec('DROP TRIGGER read_only'));
  }
}

function inDatabase<T>({ databaseFile }: Store, run: (database: Database) => T): T {
  const database = openDatabase(databaseFile, 5_000);
  try {
    return run(database);
  } finally {
    database.close();
  }
}
