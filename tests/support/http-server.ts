import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { afterAll } from 'vitest';

/** Serves on a free loopback port until the test file ends. Returns the origin. */
export const serve = async (listener: RequestListener): Promise<string> =>
  (await startServer(listener)).origin;

/** The same, with the means to stop it earlier: from then on its port refuses connections. */
export async function startServer(
  listener: RequestListener,
): Promise<{ readonly origin: string; stop(): Promise<void> }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  afterAll(stop);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return { origin: `http://127.0.0.1:${address.port}`, stop };
}
