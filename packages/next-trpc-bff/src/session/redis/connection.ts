import { once } from 'node:events';
import { createClient, createCluster } from 'redis';
import { type Backoff, backoffMs } from '../../runtime/backoff.js';
import { Deadline } from '../../runtime/bounds.js';
import { describeError, log } from '../../runtime/process.js';
import type { RedisAddress } from '../../runtime/redis-url.js';
import { scripts } from './scripts.js';

/** Timeout of one operation of the store, ms, connecting included. */
const ANSWER_TIMEOUT_MS = 1_000;

/** How long to wait before connecting again. */
const BACKOFF: Backoff = { firstMs: 50, longestMs: 500, jitter: [0.5, 1] };

/**
 * A silent connection is not replaced before it is this old, ms, so that a slow server is not flooded with new
 * connections.
 */
const YOUNGEST_TO_REPLACE_MS = 2_000;

/** Shortest time between two log lines about an unreachable server, ms. */
const LOG_INTERVAL_MS = 10_000;

/** A client for one server or for a cluster, with the scripts as its commands. */
export type RedisClient = ReturnType<typeof serverClient> | ReturnType<typeof clusterClient>;

/** A client, and its readiness. */
interface Link {
  readonly client: RedisClient;
  readonly openedAt: number;
  /** Resolves when commands can be sent, rejects when an attempt to connect failed. */
  ready(): Promise<unknown>;
}

/** A connection that is made on first use, and made again when it fails. */
export interface RedisConnection {
  /**
   * Runs commands and returns their result.
   *
   * @throws Whatever the commands throw, or an error of the connection, within {@link ANSWER_TIMEOUT_MS}; what
   *   was sent by then may still be carried out
   */
  run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T>;
  /** Closes it for good. */
  close(): void;
}

/**
 * Prepares a connection to a Redis or a cluster of them; nothing is sent before the first command. It reconnects by
 * itself. A server that went silent without closing (a machine that died, a firewall that dropped the connection) and
 * one that was demoted to a replica are replaced by a new connection, which resolves the name again.
 */
export function connectRedis(address: RedisAddress): RedisConnection {
  let link: Link | null = null;
  let isClosed = false;

  const replace = (stale: Link) => {
    if (link !== stale || performance.now() - stale.openedAt < YOUNGEST_TO_REPLACE_MS) return;
    link = null;
    // Commands on other nodes of a cluster may be in flight: they may finish within their timeout.
    setTimeout(() => stale.client.destroy(), ANSWER_TIMEOUT_MS).unref();
  };

  return {
    async run(commands) {
      if (isClosed) throw new Error('The store was closed.');
      link ??= openLink(address);
      const used = link;
      try {
        return await answered(used, commands);
      } catch (error) {
        if (error instanceof NoAnswer || isReadOnly(error)) replace(used);
        throw error;
      }
    },
    close() {
      isClosed = true;
      link?.client.destroy();
    },
  };
}

class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The answer of a replica to a write; Redis 6.2 begins a script's with `ERR Error running script`. */
const isReadOnly = (error: unknown) => error instanceof Error && /\bREADONLY\b/.test(error.message);

/** The client's own timeout covers the writing of a command; this one also its answer. */
async function answered<T>(link: Link, commands: (client: RedisClient) => Promise<T>): Promise<T> {
  const deadline = new Deadline();
  deadline.start(
    ANSWER_TIMEOUT_MS,
    () => new NoAnswer(`Redis did not answer within ${ANSWER_TIMEOUT_MS} ms.`),
  );
  const answer = link.ready().then(() => {
    if (deadline.aborted) throw deadline.reason;
    return commands(link.client);
  });
  return deadline.race(answer).finally(() => deadline.dispose());
}

function openLink(address: RedisAddress): Link {
  const client = address.cluster ? clusterClient(address) : serverClient(address);
  let opening: Promise<unknown> | null = null;
  let loggedAt = Number.NEGATIVE_INFINITY;
  const report = (error: unknown) => {
    if (performance.now() - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = performance.now();
    log().warn({ event: 'session_store_connection_failed', error: describeError(error) });
  };
  // Without a listener for errors an emitter throws them.
  client.on('error', report).on('node-error', report);
  return {
    client,
    openedAt: performance.now(),
    async ready() {
      if (client.isReady) return;
      opening ??= open(client).finally(() => {
        opening = null;
      });
      await opening;
    },
  };
}

/**
 * A cluster client reports once whether it connected; a client of one server keeps trying and reports each attempt.
 */
function open(client: RedisClient): Promise<unknown> {
  if ('masters' in client) return client.connect();
  if (!client.isOpen) client.connect().catch(() => {});
  return once(client, 'ready');
}

const reconnectStrategy = (retries: number) => backoffMs(BACKOFF, retries);

/** A command that cannot be sent fails immediately instead of being queued. */
const shared = ({ tls, username, password }: RedisAddress) => ({
  ...(username && { username }),
  ...(password && { password }),
  disableOfflineQueue: true,
  // It would need the permission for CLIENT SETINFO.
  disableClientInfo: true,
  maintNotifications: 'disabled' as const,
  socket: { connectTimeout: ANSWER_TIMEOUT_MS, reconnectStrategy, ...(tls && { tls }) },
});

/** `answered` is the timeout of commands. */
const commandOptions = { timeout: 0 };

function serverClient(address: RedisAddress) {
  const { socket, ...options } = shared(address);
  const { database } = address;
  return createClient({
    ...options,
    socket: { ...socket, ...address.nodes[0] },
    database,
    scripts,
    commandOptions,
  });
}

function clusterClient(address: RedisAddress) {
  return createCluster({
    // For the connection that reads the slots of the cluster: a silent node must not block it.
    rootNodes: address.nodes.map((node) => ({ socket: { ...node, socketTimeout: ANSWER_TIMEOUT_MS } })),
    defaults: shared(address),
    // A node that is down affects its own keys only.
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: ANSWER_TIMEOUT_MS,
    scripts,
    commandOptions,
  });
}
