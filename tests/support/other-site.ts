import { once } from 'node:events';
import { createServer } from 'node:http';

/** A web server that is not ours: what an attacker would run. */
export interface OtherSite {
  /** On the other loopback name: another site than `http://localhost`, whatever the ports. */
  readonly crossSite: string;
  /** On the same name and another port: another origin of the same site. */
  readonly sameSite: string;
  /** Serves this HTML from now on. */
  show(html: string): void;
  stop(): Promise<void>;
}

/** Starts a server that is cross-site at 127.0.0.1 and same-site at localhost. */
export async function startOtherSite(): Promise<OtherSite> {
  let html = '';
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><link rel="icon" href="data:,"><body>${html}</body>`);
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    crossSite: `http://127.0.0.1:${address.port}/`,
    sameSite: `http://localhost:${address.port}/`,
    show(next) {
      html = next;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
