import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import type { Certificate } from './certificate';
import { executable } from './executable';
import { freePort } from './free-port';

/** A real Redis on a loopback port, with a folder of its own. Without persistence: it forgets when it stops. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Kills it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops it from answering; its connections stay open. */
  freeze(): void;
  thaw(): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** The last port that leaves room for a node's second port, 10,000 above. */
const LAST_CLUSTER_PORT = 55_535;

/**
 * Starts a Redis.
 *
 * @param options - Further options of the command line, e.g. `['--requirepass', 'secret']`
 * @throws When there is no Redis on the PATH, or it does not start; the message holds its output
 */
export const startRedis = async (...options: string[]): Promise<RedisServer> => {
  const port = await freePort();
  return startOn(port, `redis://127.0.0.1:${port}`, ['--port', String(port), ...options]);
};

/** Starts a Redis that speaks TLS only, with a certificate. */
export async function startTlsRedis(certificate: Certificate): Promise<RedisServer> {
  const port = await freePort();
  return startOn(port, `rediss://localhost:${port}`, tlsOptions(port, certificate));
}

function tlsOptions(port: number, { certificateFile, keyFile }: Certificate): string[] {
  const files = ['--tls-cert-file', certificateFile, '--tls-key-file', keyFile];
  return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
}

/** A cluster of three masters. */
export interface RedisCluster {
  /** Names all masters. */
  readonly url: string;
  readonly nodes: readonly [RedisServer, RedisServer, RedisServer];
  /** Adds a replica of a master, and waits until it has its data. */
  addReplica(master: RedisServer): Promise<RedisServer>;
  stop(): Promise<void>;
}

/**
 * Starts a cluster whose nodes answer for their own keys while another one is down, and fail over in two seconds.
 *
 * @param certificate - Where the nodes are to speak TLS only, among each other too
 */
export async function startRedisCluster(certificate?: Certificate): Promise<RedisCluster> {
  const start = () => startNode(certificate);
  const trust = certificate ? ['--tls', '--cacert', certificate.certificateFile] : [];
  const redisCli = (...parameters: string[]) => run('redis-cli', [...trust, ...parameters]);
  const nodes = await Promise.all([start(), start(), start()]);
  const all: RedisServer[] = [...nodes];
  const addresses = nodes.map(addressOf);
  await redisCli('--cluster', 'create', ...addresses, '--cluster-yes');
  await untilTrue('the cluster is whole', async () =>
    (await Promise.all(nodes.map((node) => ask(node, 'CLUSTER', 'INFO')))).every((info) =>
      info.includes('cluster_state:ok'),
    ),
  );
  return {
    url: `${certificate ? 'rediss' : 'redis'}://${addresses.join(',')}`,
    nodes,
    async addReplica(master) {
      const replica = await start();
      all.push(replica);
      const id = await ask(master, 'CLUSTER', 'MYID');
      const addresses = [replica, master].map(addressOf);
      await untilTrue('the cluster agrees', () =>
        redisCli('--cluster', 'check', addressOf(master)).then(() => true),
      );
      await redisCli('--cluster', 'add-node', ...addresses, '--cluster-slave', '--cluster-master-id', id);
      const isInSync = async () =>
        (await ask(replica, 'INFO', 'replication')).includes('master_link_status:up');
      await untilTrue('the replica is in sync', isInSync);
      return replica;
    },
    async stop() {
      await Promise.all(all.map((node) => node.stop()));
    },
  };
}

const addressOf = ({ port }: RedisServer) => `127.0.0.1:${port}`;

async function startNode(certificate?: Certificate): Promise<RedisServer> {
  let port = await freePort();
  while (port > LAST_CLUSTER_PORT) port = await freePort();
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  const alone = ['--cluster-require-full-coverage', 'no', '--cluster-replica-validity-factor', '0'];
  if (!certificate) {
    return startOn(port, `redis://127.0.0.1:${port}`, ['--port', String(port), ...cluster, ...alone]);
  }
  const authority = ['--tls-ca-cert-file', certificate.certificateFile];
  const among = ['--tls-cluster', 'yes', '--tls-replication', 'yes', ...authority];
  const options = [...tlsOptions(port, certificate), ...among, ...cluster, ...alone];
  return startOn(port, `rediss://127.0.0.1:${port}`, options);
}

async function startOn(port: number, url: string, options: string[]): Promise<RedisServer> {
  const program = executable('redis-server');
  if (!program) throw new Error('There is no redis-server on the PATH: npm run integration installs it.');
  const folder = mkdtempSync(join(tmpdir(), 'bff-redis-'));
  const basics = ['--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  let child = await spawnRedis(program, [...basics, ...options]);
  const stopWith = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    port,
    url,
    kill: () => stopWith('SIGKILL'),
    async start() {
      child = await spawnRedis(program, [...basics, ...options]);
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    async stop() {
      await stopWith('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function spawnRedis(program: string, options: string[]): Promise<ChildProcess> {
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'pipe'] });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const note = (piece: string) => {
      output.push(piece);
      if (output.join('').includes('Ready to accept connections')) resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', note);
    child.stderr?.setEncoding('utf8').on('data', note);
    child.once('exit', () => reject(new Error(`Redis did not start:\n${output.join('')}`)));
  });
  return child;
}

const run = promisify(execFile);

/** Sends one command to a server, as an operator would. */
export async function ask({ url }: RedisServer, ...command: string[]): Promise<string> {
  const operator = createClient({ url, socket: { reconnectStrategy: false } });
  operator.on('error', () => {});
  await operator.connect();
  try {
    return String(await operator.sendCommand(command));
  } finally {
    operator.destroy();
  }
}

async function untilTrue(claim: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (await isTrue().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`This did not come true: ${claim}.`);
}
