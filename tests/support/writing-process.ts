import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { sampleSession } from '../../bench/sample-session';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';
import { isSessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';

/**
 * A process of its own that writes to a session database until it is killed, and says on standard output what was done
 * once the store has said so, a JSON line each. Arguments: the file, and the keys of the sessions that all processes share.
 */
const [file = '', ...shared] = process.argv.slice(2);
const store = openSqliteStore(file);
const checkpointer = openDatabase(file);
const checkpoints = ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'];
const WRITES_PER_CHECKPOINT = 5;

/** Says it before anything else is done, however slowly the other side reads. */
function acknowledge(done: object): void {
  let line = Buffer.from(`${JSON.stringify(done)}\n`);
  while (line.length > 0) {
    try {
      line = line.subarray(writeSync(1, line));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** Reads all, so that others write in between, and saves to all. */
async function saveToShared(): Promise<void> {
  const records = await Promise.all(shared.map((key) => store.read(key)));
  for (const record of records) {
    if (!record) continue;
    const { key, tokenVersion: version } = record;
    const sealed = `v1.${randomBytes(600).toString('base64url')}`;
    if (await store.saveTokens(key, version, sealed)) acknowledge({ done: 'saved', key, version, sealed });
  }
}

async function beginAndEnd(): Promise<void> {
  const { key, ...record } = sampleSession('alice');
  await store.create({ key, ...record });
  acknowledge({ done: 'created', key });
  await store.touch(key, record.seenAt + 1, record.idleDeadline + 1);
  if (Math.random() < 0.5 && (await store.endRecord(key, 'signed-out', 7)))
    acknowledge({ done: 'ended', key });
}

for (let round = 1; ; round += 1) {
  try {
    await (round % 4 === 0 ? beginAndEnd() : saveToShared());
    if (round % WRITES_PER_CHECKPOINT === 0)
      checkpointer.exec(`PRAGMA wal_checkpoint(${checkpoints[(round / WRITES_PER_CHECKPOINT) % 4]})`);
  } catch (error) {
    // Another process was in the way for too long: nothing was done, and nothing said.
    if (!isSessionStoreUnavailable(error) && !(error instanceof Error && /locked|busy/.test(error.message)))
      throw error;
  }
}
