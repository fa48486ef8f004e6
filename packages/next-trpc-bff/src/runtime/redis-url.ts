/** Where a Redis is and how to reach it. */
export interface RedisAddress {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Whether the nodes belong to a cluster: they are asked for the others. */
  readonly cluster: boolean;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
}

const DEFAULT_PORT = 6379;

/** Scheme, credentials, hosts, database, cluster. */
const SHAPE = /^(rediss?):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/(\d{0,4}))?(\?cluster=true)?$/;

/**
 * Reads the address of a Redis: `redis[s]://[[user]:password@]host[:port][/database]`, `rediss` for TLS.
 * Several hosts, comma-separated, are nodes of one cluster; so is a single host with `?cluster=true`, as where
 * one name stands for all nodes. Characters like `@` and `/` in a password are percent-encoded.
 *
 * @param url - As in `SESSION_STORE_URL`
 * @returns The address, or null when it is none; never throws, so no message can repeat the password
 */
export function parseRedisUrl(url: string): RedisAddress | null {
  const [, scheme, credentials = '', hosts = '', database = '', cluster] = SHAPE.exec(url) ?? [];
  const authorities = hosts.split(',').map((host) => `${scheme}://${credentials}@${host}`);
  if (!scheme || !authorities.every((authority) => URL.canParse(authority))) return null;
  const urls = authorities.map((authority) => new URL(authority));
  const [username, password] = [decoded(urls[0]?.username), decoded(urls[0]?.password)];
  if (username === null || password === null || urls.some(({ hostname }) => hostname === '')) return null;
  const isCluster = cluster !== undefined || urls.length > 1;
  // A cluster has only the database 0.
  if (isCluster && Number(database) !== 0) return null;
  return {
    nodes: urls.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(port) || DEFAULT_PORT,
    })),
    cluster: isCluster,
    tls: scheme === 'rediss',
    ...(username && { username }),
    ...(password && { password }),
    database: Number(database),
  };
}

function decoded(text = ''): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
