import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Loopback {
  port: number;
  serve(listener: RequestListener): void;
  close(): Promise<void>;
}

const ATTEMPTS_AT_A_FREE_PORT = 10;

/**
 * Listens on one port of both loopback addresses, since `localhost` may resolve to either.
 *
 * @param port - 0 takes a port that is free on both
 * @throws An error with code `EADDRINUSE` when the port is taken on either
 */
export async function listenOnLoopback(port: number): Promise<Loopback> {
  for (let tried = 1; ; tried += 1) {
    const ipv4 = await listen(port, '127.0.0.1');
    const address = ipv4.address();
    const actualPort = isAddressInfo(address) ? address.port : port;
    try {
      const ipv6 = await listenWhereAvailable(actualPort, '::1');
      return loopbackOf(actualPort, ipv6 ? [ipv4, ipv6] : [ipv4]);
    } catch (error) {
      await close(ipv4);
      if (port !== 0 || tried === ATTEMPTS_AT_A_FREE_PORT) throw error;
    }
  }
}

function loopbackOf(port: number, servers: Server[]): Loopback {
  return {
    port,
    serve(listener) {
      for (const server of servers) server.on('request', listener);
    },
    async close() {
      await Promise.all(servers.map(close));
    },
  };
}

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

async function listenWhereAvailable(port: number, host: string): Promise<Server | null> {
  try {
    return await listen(port, host);
  } catch (error) {
    if (isErrorWithCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) return null;
    throw error;
  }
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

/** Says whether something thrown is a system error with one of these codes. */
export function isErrorWithCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
