import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, expect, test } from 'vitest';
import { sessionTokensIn } from '../../packages/next-trpc-bff/src/session/secrets';
import { callerFor, keyOf, liveSession } from '../support/calling';
import { temporaryFolder } from '../support/environment';
import { startRedis } from '../support/redis-server';
import { signIn, startUpstream } from '../support/signed-in';

const folder = temporaryFolder();
const redis = await startRedis('--dir', folder, '--dbfilename', 'dump.rdb', '--rdbcompression', 'no');
afterAll(() => redis.stop());
const upstream = await startUpstream({ SESSION_STORE_URL: redis.url, INSTANCES: 'many' });

test('S6 a Redis dump holds no usable token and no cookie value', async () => {
  const alice = await signIn(upstream, 'alice');
  const before = (await liveSession(alice)).tokens;
  await upstream.control('expire', { user: 'alice' });
  await callerFor(alice).notes.list({});
  const after = (await liveSession(alice)).tokens;
  expect(after.accessToken).not.toBe(before.accessToken);

  const operator = await createClient({ url: redis.url }).connect();
  await operator.sendCommand(['SAVE']);
  operator.destroy();
  const dump = readFileSync(join(folder, 'dump.rdb'), 'latin1');
  expect(dump).toContain(keyOf(alice));
  const [sessionToken = ''] = sessionTokensIn(alice);
  const secrets = [
    sessionToken,
    sessionToken.slice(3),
    ...Object.values(before),
    ...Object.values(after),
  ].filter((value) => typeof value === 'string');
  expect(secrets.length).toBeGreaterThanOrEqual(8);
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)])
      expect(dump).not.toContain(form);
  }
});
