import { setTimeout as sleep } from 'node:timers/promises';
import { isErrorWithCode, listenOnLoopback } from '../packages/demo/src/loopback';
import { type DemoServices, startDemoServices } from '../packages/demo/src/services';
import { basePathOf } from '../packages/next-trpc-bff/src/runtime/base-path';
import { defaultsFor, type Environment, readEnvFiles } from './environment';
import { type NextProcess, runNext } from './next-process';

const USAGE = 'Usage: node --import tsx demo/run.ts dev | start [--no-build]';
const POLL_INTERVAL_MS = 100;
const ORPHAN_CHECK_MS = 250;

class CannotStart extends Error {}

interface Plan {
  command: 'dev' | 'start';
  builds: boolean;
  port: number;
  demoPort: number;
  /** The caller's environment, which wins over everything below it. */
  environment: Environment;
  /** The caller's environment and, in development, what Next will read from `.env` files. */
  settings: Environment;
}

const stopped = new Promise<number>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(0));
  if (!process.env['npm_lifecycle_event']) return;
  // The shell between npm and us does not pass SIGTERM on: it dies and leaves us behind.
  const { ppid: shell } = process;
  setInterval(() => process.ppid !== shell && resolve(0), ORPHAN_CHECK_MS).unref();
});

function makePlan([command, ...flags]: string[], environment: Environment): Plan {
  if ((command !== 'dev' && command !== 'start') || flags.some((flag) => flag !== '--no-build')) {
    throw new CannotStart(USAGE);
  }
  const port = readPort(environment, 'PORT', 3000);
  const demoPort = readPort(environment, 'DEMO_PORT', 4000);
  if (port === demoPort)
    throw new CannotStart(`PORT and DEMO_PORT are both ${port}; set them to different ports.`);
  const builds = command === 'start' && !flags.includes('--no-build');
  // The demo is the demo, whatever provider `.env.local` configures for development.
  const settings = command === 'dev' ? readEnvFiles(environment) : environment;
  return { command, builds, port, demoPort, environment, settings };
}

async function run({ command, builds, port, demoPort, environment, settings }: Plan): Promise<number> {
  await assertFreePort('PORT', port);
  const hasOwnServices = Boolean(
    (settings['AUTH_OIDC_ISSUER'] || settings['UPSTREAM_LOGIN_PATH']) && settings['UPSTREAM_URL'],
  );
  const demo = command === 'dev' && hasOwnServices ? null : await startDemo(demoPort, port, settings);
  const children: NextProcess[] = [];
  const startNext = (...parameters: string[]): NextProcess => {
    const child = runNext(parameters, {
      ...defaultsFor(port, demo, settings),
      ...environment,
      PORT: String(port),
      NODE_ENV: command === 'dev' ? 'development' : 'production',
    });
    children.push(child);
    return child;
  };

  try {
    if (builds) {
      const exitCode = await Promise.race([startNext('build').exited, stopped.then(() => null)]);
      if (exitCode !== 0) return exitCode ?? 0;
    }
    const next = startNext(command, '-p', String(port), '-H', 'localhost');
    void announceWhenReady(`http://localhost:${port}${basePathOf(settings['AUTH_URL'])}`, demo, next);
    return await Promise.race([next.exited, stopped]);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await demo?.stop();
  }
}

async function startDemo(demoPort: number, port: number, settings: Environment): Promise<DemoServices> {
  const {
    AUTH_URL: appUrl = `http://localhost:${port}`,
    AUTH_OIDC_ID: clientId,
    AUTH_OIDC_SECRET: clientSecret,
  } = settings;
  if (!URL.canParse(appUrl)) throw new CannotStart(`AUTH_URL is "${appUrl}"; set it to the app's address.`);
  try {
    return await startDemoServices({
      port: demoPort,
      appUrl: new URL(appUrl).href.replace(/\/$/, ''),
      ...(clientId && { clientId }),
      ...(clientSecret && { clientSecret }),
    });
  } catch (error) {
    if (isErrorWithCode(error, 'EADDRINUSE')) throw portInUse('DEMO_PORT', demoPort);
    throw error;
  }
}

async function announceWhenReady(
  address: string,
  demo: DemoServices | null,
  next: NextProcess,
): Promise<void> {
  while (!(await answers(`${address}/api/health`, next.signal))) {
    if (next.signal.aborted) return;
    await sleep(POLL_INTERVAL_MS);
  }
  console.log(`ready on ${address}${demo ? ' — sign in as alice or bob, password demo' : ''}`);
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  return fetch(url, { redirect: 'manual', signal }).then(
    () => true,
    () => false,
  );
}

function readPort(environment: Environment, name: string, fallback: number): number {
  const value = environment[name] || String(fallback);
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535)
    throw new CannotStart(`${name} is "${value}"; set it to a port from 1 to 65535.`);
  return port;
}

async function assertFreePort(name: string, port: number): Promise<void> {
  try {
    await (await listenOnLoopback(port)).close();
  } catch (error) {
    if (isErrorWithCode(error, 'EADDRINUSE')) throw portInUse(name, port);
    throw error;
  }
}

function portInUse(name: string, port: number): CannotStart {
  return new CannotStart(
    `Port ${port} is already in use; stop what runs there or set ${name} to a free port.`,
  );
}

try {
  process.exit(await run(makePlan(process.argv.slice(2), { ...process.env })));
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exit(1);
}
