import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';

/** A process of its own that keeps a database, named by its argument, locked for a moment, begins when it says so, and ends. */
const HELD_MS = 200;

const database = openDatabase(process.argv[2] ?? '');
database.transaction(() => {
  process.send?.('held');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_MS);
});
process.disconnect();
