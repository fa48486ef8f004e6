import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { type RunningApp, startApp } from '../support/app';
import { asSeenBy, canLimitFiles, canMount, resizeDisk, setFileLimit } from '../support/confinement';
import { isSessionLive, plainRequest, signInOverHttp } from '../support/plain-http';

/** A disk with little room, and how to get more. */
interface SmallDisk {
  readonly name: string;
  readonly isPossible: () => boolean;
  start(folder: string): Promise<RunningApp>;
  enlarge(app: RunningApp, folder: string): void;
  /** Where we find the database. */
  database(app: RunningApp, folder: string): string;
}

const DISKS: SmallDisk[] = [
  {
    name: 'files that may not grow beyond half a megabyte',
    isPossible: canLimitFiles,
    start: () => startApp({}, { fileBlocks: 1_024 }),
    enlarge: ({ pid }) => setFileLimit(pid, 'unlimited'),
    database: ({ databaseFile }) => databaseFile,
  },
  {
    name: 'a disk of 400 kB',
    isPossible: canMount,
    start: (folder) =>
      startApp(
        { SESSION_STORE_URL: `file:${join(folder, 'sessions.db')}` },
        { disk: { folder, size: '400k' } },
      ),
    enlarge: ({ pid }, folder) => resizeDisk(pid, folder, '8m'),
    database: ({ pid }, folder) => asSeenBy(pid, join(folder, 'sessions.db')),
  },
];

for (const { name, isPossible, start, enlarge, database: databaseOf } of DISKS) {
  test(`R4 on a full disk new sessions are refused with 503, old ones are kept, and nothing is corrupted: ${name}`, async () => {
    test.skip(!isPossible(), 'This machine does not let us make one.');
    test.setTimeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), 'bff-disk-'));
    const app = await start(folder);
    const first = await signInOverHttp(app);
    let refusal: unknown = null;
    for (let n = 0; refusal === null && n < 400; n += 1) {
      refusal = await signInOverHttp(app, 'bob').then(
        () => null,
        (error: unknown) => error,
      );
    }
    expect(String(refusal)).toContain('The callback set no session: 303');
    expect(app.output()).toContain('SESSION_STORE_UNAVAILABLE');

    expect(await isSessionLive(app, first)).toBe(true);
    const headers = { cookie: `bff-session=${first}`, 'sec-fetch-site': 'same-origin' };
    const list = await plainRequest(`${app.origin}/api/trpc/notes.list?input=%7B%7D`, { headers });
    expect(list.status).toBe(200);
    const signOut = await plainRequest(`${app.origin}/logout`, { method: 'POST', headers });
    // SQLite may have made room meanwhile: what counts is that the answer is true.
    expect([303, 503]).toContain(signOut.status);
    expect(await isSessionLive(app, first)).toBe(signOut.status === 503);

    enlarge(app, folder);
    expect(await isSessionLive(app, await signInOverHttp(app))).toBe(true);
    const database = openDatabase(databaseOf(app, folder));
    const [check] = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[];
    expect(check?.integrity_check).toBe('ok');
    database.close();
    await app.stop();
    rmSync(folder, { recursive: true });
  });
}
