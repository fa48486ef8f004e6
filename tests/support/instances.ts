import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoServices } from '../../packages/demo/src/services';
import { type Build, environmentFor, type RunningApp, spawnNext, stopNext, untilHealthy } from './app';
import type { Confinement } from './confinement';
import { freePort } from './free-port';

/** One process of several that serve the same address. */
export interface Instance {
  readonly origin: string;
  readonly child: ChildProcess;
  output(): string;
  /** Starts it again on the same port after it has gone. */
  restart(): Promise<void>;
}

/** What the proxy does besides handing requests on. */
export interface Front {
  /** Headers that it sends instead of the browser's. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Scripts that it serves itself, by path. */
  readonly scripts?: Readonly<Record<string, string>>;
}

/** Several processes behind a plain round-robin proxy, which knows nothing of sessions. */
export interface Instances extends Pick<RunningApp, 'origin' | 'demo' | 'control' | 'counters' | 'stop'> {
  readonly instances: readonly Instance[];
  /** Breaks every connection between browsers and the proxy. */
  dropConnections(): void;
}

/**
 * Starts the production build several times behind one address, on one store and the demo's services.
 *
 * @param count - How many processes
 * @param changes - Environment variables, the store's address among them; by default one SQLite file
 * @param confinement - What the system lets each of them have
 * @param build - By default the one that is there
 * @param front - What the proxy does
 */
export async function startInstances(
  count: number,
  changes: Record<string, string> = {},
  confinement: Confinement = {},
  build?: Build,
  { headers = {}, scripts = {} }: Front = {},
): Promise<Instances> {
  const folder = mkdtempSync(join(tmpdir(), 'bff-instances-'));
  const origin = `http://localhost:${await freePort()}`;
  const address = origin + (build?.basePath ?? '');
  const demo = await startDemoServices({ port: 0, appUrl: address });
  const store = { SESSION_STORE_URL: `file:${join(folder, 'sessions.db')}` };
  const environment = { ...environmentFor(address, demo), ...store, ...changes };
  const instances = await Promise.all(
    Array.from({ length: count }, () => startInstance(environment, confinement, build)),
  );

  let turn = 0;
  const proxy = createServer((request, response) => {
    const script = scripts[request.url ?? ''];
    if (script !== undefined) {
      response.setHeader('content-type', 'text/javascript').end(script);
      return;
    }
    turn += 1;
    Object.assign(request.headers, headers);
    forward(instances, turn, request, response);
  }).listen(Number(new URL(origin).port), 'localhost');
  await once(proxy, 'listening');

  const panel = (command: string) => `${demo.origin}/__demo/${command}`;
  return {
    origin,
    demo,
    instances,
    async control(command, body = {}) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(panel(command), { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`The demo refused ${command}: ${await response.text()}`);
    },
    counters: async () => (await fetch(panel('counters'))).json(),
    dropConnections: () => proxy.closeAllConnections(),
    async stop() {
      proxy.closeAllConnections();
      proxy.close();
      await Promise.all(instances.map(({ child }) => stopNext(child)));
      await demo.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startInstance(
  environment: Record<string, string>,
  confinement: Confinement,
  build?: Build,
): Promise<Instance> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const address = origin + (build?.basePath ?? '');
  let running = spawnNext(port, environment, confinement, build?.folder);
  await untilHealthy(address, running.child, running.output);
  return {
    origin,
    get child() {
      return running.child;
    },
    output: () => running.output(),
    async restart() {
      running = spawnNext(port, environment, confinement, build?.folder);
      await untilHealthy(address, running.child, running.output);
    },
  };
}

/** Hands a request to the instance whose turn it is; to the next one when that does not take it. */
function forward(
  instances: readonly Instance[],
  turn: number,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const order = instances
    .map((_, n) => instances[(turn + n) % instances.length])
    .filter((instance) => instance !== undefined);
  const tryNext = ([instance, ...others]: Instance[]): void => {
    if (!instance) {
      response.writeHead(502).end();
      return;
    }
    const options = { method: request.method ?? 'GET', headers: request.headers, agent: false };
    const onward = send(instance.origin + (request.url ?? '/'), options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => {
      if (response.headersSent) response.destroy();
      else tryNext(others);
    });
    response.on('close', () => onward.destroy());
    if (request.method === 'GET' || request.method === 'HEAD') onward.end();
    else request.pipe(onward);
  };
  tryNext(order);
}
