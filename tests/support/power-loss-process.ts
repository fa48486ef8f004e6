import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { sampleSession } from '../../bench/sample-session';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';

/**
 * A process of its own whose argument is a folder where `disk.img` is mounted at `disk`. What is not in the image yet
 * is what a machine that loses its power now would lose. Without a key as a second argument it makes sessions, copies the
 * image at the moment each write is acknowledged, and prints a session's key; with one it prints that session as JSON.
 */
const [folder = '', key] = process.argv.slice(2);
const [image, file] = [join(folder, 'disk.img'), join(folder, 'disk', 'data', 'sessions.db')];
const copyAs = (name: string) => copyFileSync(image, join(folder, `${name}.img`));

if (key !== undefined) {
  console.log(existsSync(file) ? JSON.stringify(await openSqliteStore(file).read(key)) : 'null');
} else {
  const store = openSqliteStore(file);
  const record = sampleSession('alice');
  await store.create(record);
  await store.saveTokens(record.key, 1, 'v1.second');
  copyAs('saved');
  await store.endRecord(record.key, 'signed-out', 7);
  copyAs('ended');
  const [bob, carol] = [sampleSession('bob'), { ...sampleSession('carol'), providerSid: 'sid' }];
  await store.create({ ...bob, key: `${record.key}-bob` });
  await store.endBySubject(bob.issuer, 'bob', 'revoked', 7);
  copyAs('ended-by-subject');
  await store.create({ ...carol, key: `${record.key}-carol` });
  await store.endByProviderSid(carol.issuer, 'sid', 'back-channel', 7);
  copyAs('ended-by-sid');
  process.stdout.write(record.key);
}
process.exit(0);
