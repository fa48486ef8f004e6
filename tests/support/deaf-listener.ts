import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll } from 'vitest';

const LISTEN = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 });
  server.once('listening', () => process.stdout.write(String(server.address().port)));
`;

/**
 * Listens on a loopback port and lets connections neither in nor down, as a host does behind a firewall that drops
 * packets: the process is stopped, and its queue full.
 *
 * @returns The port
 */
export async function deafListener(): Promise<number> {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const fillers = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  afterAll(() => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  });
  return Number(port);
}
