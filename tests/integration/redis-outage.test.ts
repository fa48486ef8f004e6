import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openRedisStore } from '../../packages/next-trpc-bff/src/session/redis/store';
import { type SessionStore, SessionStoreUnavailable } from '../../packages/next-trpc-bff/src/session/store';
import { makeCertificate } from '../support/certificate';
import { configure, temporaryFolder } from '../support/environment';
import { freePort } from '../support/free-port';
import { ask, type RedisServer, startRedis, startTlsRedis } from '../support/redis-server';
import { sampleRecord } from '../support/sample-record';

configure();
const server = await startRedis();
afterAll(() => server.stop());

/** A bit more than the second that the store promises: two cores run all tests. */
const PROMPTLY_MS = 1_500;
const soon = { timeout: 10_000 };

function opened(url: string): SessionStore {
  const store = openRedisStore(url);
  onTestFinished(() => store.close());
  return store;
}

async function expectPromptRefusal(operation: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await expect(operation()).rejects.toThrow(SessionStoreUnavailable);
  expect(performance.now() - start).toBeLessThan(PROMPTLY_MS);
}

const answers = (store: SessionStore) =>
  store.ping().then(
    () => true,
    () => false,
  );

test('every operation on a server that is down is refused promptly, and the same store works when it is back', async () => {
  const store = opened(server.url);
  const record = sampleRecord();
  await store.create(record);
  await server.kill();
  const operations: (() => Promise<unknown>)[] = [
    () => store.create(record),
    () => store.read(record.key),
    () => store.touch(record.key, 1, 2),
    () => store.saveTokens(record.key, 1, 'v1.second'),
    () => store.endRecord(record.key, 'signed-out', 7),
    () => store.listBySubject(record.issuer, record.subject),
    () => store.endBySubject(record.issuer, record.subject, 'revoked', 7),
    () => store.endByProviderSid(record.issuer, 'sid-1', 'revoked', 7),
    () => store.takeRefreshLease(record.key, 1, 'a', 1_000),
    () => store.releaseRefreshLease(record.key, 'a', 'unused'),
    () => store.hasSeen('jti'),
    () => store.markSeen('jti', Date.now() + 1_000),
    () => store.ping(),
  ];
  await Promise.all(operations.map(expectPromptRefusal));
  for (const operation of operations) await expectPromptRefusal(operation);
  await server.start();
  await expect.poll(() => answers(store), soon).toBe(true);
  await store.create(record);
  expect(await store.read(record.key)).toEqual(record);
});

test('a store that was opened while its server was down works when the server is back', async () => {
  await server.kill();
  const store = opened(server.url);
  await expectPromptRefusal(() => store.ping());
  await server.start();
  await expect.poll(() => answers(store), soon).toBe(true);
});

test('an idle connection that is lost does not end the process', async () => {
  const uncaught = vi.fn();
  process.on('uncaughtExceptionMonitor', uncaught);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', uncaught));
  const store = opened(server.url);
  await store.ping();
  await server.kill();
  await pause(300);
  await server.start();
  expect(uncaught).not.toHaveBeenCalled();
  await expect.poll(() => answers(store), soon).toBe(true);
});

test('calls to a server that went silent time out promptly, concurrent ones too', async () => {
  const store = opened(server.url);
  const { key } = sampleRecord();
  await store.ping();
  server.freeze();
  try {
    await Promise.all(Array.from({ length: 50 }, () => expectPromptRefusal(() => store.read(key))));
    await expectPromptRefusal(() => opened(server.url).read(key));
  } finally {
    server.thaw();
  }
  await expect.poll(() => answers(store), soon).toBe(true);
});

describe('the connection is made again', () => {
  /** A name in front of servers: new connections go where it points, old ones stay. `spoken` rewrites the answers. */
  async function startName(target: RedisServer, spoken = (answer: string) => answer) {
    let [current, port] = [target.port, await freePort()];
    const sockets = new Set<Socket>();
    const name = createServer((socket) => {
      const onward = connect(current, '127.0.0.1');
      for (const side of [socket, onward]) sockets.add(side.on('error', () => side.destroy()));
      const rewriting = new Transform({
        transform: (answer: Buffer, _, done) =>
          done(null, Buffer.from(spoken(answer.toString('latin1')), 'latin1')),
      });
      socket.pipe(onward).pipe(rewriting).pipe(socket);
    }).listen(port, '127.0.0.1');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      name.close();
    });
    return {
      url: `redis://127.0.0.1:${port}`,
      pointTo(other: RedisServer) {
        current = other.port;
      },
      /** As a firewall that forgot its connections. */
      remove() {
        for (const socket of sockets) socket.unpipe().pause();
      },
    };
  }

  test('when the old one went silent', async () => {
    const name = await startName(server);
    const store = opened(name.url);
    const record = sampleRecord();
    await store.create(record);
    name.remove();
    await expectPromptRefusal(() => store.read(record.key));
    await expect.poll(() => answers(store), soon).toBe(true);
    expect(await store.read(record.key)).toEqual(record);
  });

  test('when its server became a replica and the name points to another one', async () => {
    const [old, next] = [await startRedis(), await startRedis()];
    onTestFinished(async () => void (await Promise.all([old.stop(), next.stop()])));
    const name = await startName(old);
    const store = opened(name.url);
    await store.ping();
    await ask(old, 'REPLICAOF', '127.0.0.1', String(next.port));
    name.pointTo(next);
    await expect.poll(() => store.markSeen('moved', Date.now() + 60_000).catch(() => false), soon).toBe(true);
    expect(await ask(next, 'DBSIZE')).toBe('1');
    const connections = async () => (await ask(old, 'CLIENT', 'LIST', 'TYPE', 'normal')).trim().split('\n');
    await expect.poll(connections, soon).toHaveLength(1);
  });

  test('when a script fails because its server is a replica, with the message of Redis 6.2', async () => {
    const [old, next] = [await startRedis(), await startRedis()];
    onTestFinished(async () => void (await Promise.all([old.stop(), next.stop()])));
    const name = await startName(old, (answer) =>
      answer.replace(
        /^-READONLY ([^\r]*)/,
        '-ERR Error running script (call to f_0): @user_script:3: @user_script: 3: -READONLY $1',
      ),
    );
    const store = opened(name.url);
    await store.ping();
    await ask(old, 'REPLICAOF', '127.0.0.1', String(next.port));
    name.pointTo(next);
    const created = () =>
      store.create(sampleRecord()).then(
        () => true,
        () => false,
      );
    await expect.poll(created, soon).toBe(true);
  });
});

describe('a password', () => {
  test('opens the store', async () => {
    const guarded = await startRedis('--requirepass', 'hunter2@/:');
    onTestFinished(() => guarded.stop());
    const store = opened(guarded.url.replace('//', `//:${encodeURIComponent('hunter2@/:')}@`));
    await expect(store.ping()).resolves.toBeUndefined();
  });

  test('is in no error', async () => {
    const guarded = await startRedis('--requirepass', 'other');
    onTestFinished(() => guarded.stop());
    const withPassword = (url: string) => url.replace('//', '//:hunter2@');
    const wrong = [guarded.url, `redis://127.0.0.1:${await freePort()}`, `${server.url}/99`];
    for (const url of [...wrong, `${server.url},127.0.0.1:1`]) {
      const error = await opened(withPassword(url))
        .ping()
        .catch((thrown: unknown) => thrown);
      expect(error, url).toBeInstanceOf(SessionStoreUnavailable);
      expect(inspect(error, { depth: null, showHidden: true }), url).not.toContain('hunter2');
    }
    expect(() => openRedisStore('redis://:hunter2@cache:port')).not.toThrow('hunter2');
  });
});

test('a server with an untrusted certificate is refused', async () => {
  const stranger = await startTlsRedis(makeCertificate(temporaryFolder()));
  onTestFinished(() => stranger.stop());
  await expectPromptRefusal(() => opened(stranger.url).ping());
});
