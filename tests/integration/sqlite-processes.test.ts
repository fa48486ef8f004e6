import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { temporaryFolder } from '../support/environment';
import { sampleRecord } from '../support/sample-record';

const SECONDS = Number(process.env['STRESS_SECONDS'] ?? 60);
const PROCESSES = 4;
const SHARED = 5;
/** A machine that is busy with other things takes longer than the time above. */
const LEAST_WRITES = 1_000;
const SCRIPT = fileURLToPath(new URL('../support/writing-process.ts', import.meta.url));

const acknowledgement = z.discriminatedUnion('done', [
  z.object({ done: z.literal('created'), key: z.string() }),
  z.object({ done: z.literal('ended'), key: z.string() }),
  z.object({ done: z.literal('saved'), key: z.string(), version: z.number(), sealed: z.string() }),
]);

/** What the processes said was done. */
class Acknowledged {
  readonly created = new Set<string>();
  readonly ended = new Set<string>();
  /** For each shared session the versions that were saved over, and what was saved last. */
  readonly saved = new Map<string, { versions: Set<number>; last: number; sealed: string }>();
  /** A save that was said to be done although it overwrote one that was said to be done as well. */
  overwritten: string | null = null;
  count = 0;

  add(line: string): void {
    this.count += 1;
    const said = acknowledgement.parse(JSON.parse(line));
    if (said.done !== 'saved') {
      this[said.done].add(said.key);
      return;
    }
    const { key, version, sealed } = said;
    const saved = this.saved.get(key) ?? { versions: new Set(), last: 0, sealed: '' };
    if (saved.versions.has(version)) this.overwritten = `version ${version} of ${key}`;
    saved.versions.add(version);
    if (version > saved.last) Object.assign(saved, { last: version, sealed });
    this.saved.set(key, saved);
  }
}

test(`R10 four processes with constant checkpoints and occasional kills lose no acknowledged write (${SECONDS} s)`, {
  timeout: (SECONDS + 120) * 1_000,
}, async () => {
  const file = join(temporaryFolder(), 'sessions.db');
  const store = openSqliteStore(file);
  onTestFinished(() => store.close());
  const shared = Array.from({ length: SHARED }, () => sampleRecord());
  for (const record of shared) await store.create(record);

  const acknowledged = new Acknowledged();
  const deadline = performance.now() + SECONDS * 1_000;
  const isOver = () =>
    acknowledged.overwritten !== null || (performance.now() > deadline && acknowledged.count >= LEAST_WRITES);
  let kills = 0;
  const running = new Set<ChildProcess>();
  onTestFinished(() => running.forEach((child) => void child.kill('SIGKILL')));

  /** Lets a process write until it has acknowledged its share, and kills it whatever it is doing then. */
  async function writeAndDie(): Promise<void> {
    const parameters = ['--import', 'tsx', SCRIPT, file, ...shared.map(({ key }) => key)];
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(child);
    const share = 1 + Math.random() * 500;
    let said = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      // A line that a kill cut off was not said.
      if (!line.endsWith('}')) continue;
      acknowledged.add(line);
      said += 1;
      if (said > share || isOver()) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    running.delete(child);
    expect(child.signalCode).toBe('SIGKILL');
    kills += 1;
  }
  const processes = Array.from({ length: PROCESSES }, async () => {
    while (!isOver()) await writeAndDie();
  });
  await Promise.all(processes);

  console.log(`R10 ${SECONDS} s: ${acknowledged.count} writes acknowledged, ${kills} processes killed`);
  expect(acknowledged.overwritten).toBeNull();
  expect(acknowledged.saved.size).toBe(SHARED);
  const database = openDatabase(file);
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  database.close();
  for (const [key, { versions, last, sealed }] of acknowledged.saved) {
    const record = await store.read(key);
    // Who is killed between the write and the word has written all the same, once.
    const unsaid = (record?.tokenVersion ?? 0) - 1 - versions.size;
    expect(unsaid).toBeGreaterThanOrEqual(0);
    expect(unsaid).toBeLessThanOrEqual(kills);
    if (record?.tokenVersion === last + 1) expect(record.sealedTokens).toBe(sealed);
  }
  for (const key of acknowledged.created) expect(await store.read(key)).not.toBeNull();
  for (const key of acknowledged.ended)
    expect(await store.read(key)).toMatchObject({ endedAt: 7, sealedTokens: '' });
});
