import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DemoServices, startDemoServices } from '../../packages/demo/src/services';
import { type Confinement, confined } from './confinement';
import { freePort } from './free-port';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEXT = join(ROOT, 'node_modules/next/dist/bin/next');

/** The secret every app under test runs with, unless a test changes it. */
export const AUTH_SECRET = 'a-secret-for-tests-only-0123456789abcdef';

/** A production build that is not the project's own. */
export interface Build {
  readonly folder: string;
  /** The path below which it was built to be served. */
  readonly basePath: string;
}

/** The production build, running on services of its own. */
export interface RunningApp {
  readonly origin: string;
  /** Process id of the server. */
  readonly pid: number;
  readonly demo: DemoServices;
  /** Path of the session database. */
  readonly databaseFile: string;
  /** Everything the app printed so far. */
  output(): string;
  /** Posts to the demo's control panel, e.g. `control('expire', { user: 'alice' })`. */
  control(command: 'knobs' | 'expire' | 'revoke' | 'reset' | 'drop', body?: unknown): Promise<void>;
  counters(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/**
 * Starts `next start` on a production build, with the demo's services, on free ports.
 *
 * @param changes - Environment variables that differ from the demo's
 * @param confinement - What the system lets it have
 * @param built - Folder of the build; by default the project's own
 * @throws When there is no build, or the app exits before it answers; the message holds its output
 */
export async function startApp(
  changes: Record<string, string> = {},
  confinement: Confinement = {},
  built = ROOT,
): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'bff-app-'));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const demo = await startDemoServices({ port: 0, appUrl: origin });
  const databaseFile = join(folder, 'sessions.db');
  const store = { SESSION_STORE_URL: `file:${databaseFile}` };
  const { child, output } = spawnNext(
    port,
    { ...environmentFor(origin, demo), ...store, ...changes },
    confinement,
    built,
  );
  await untilHealthy(origin, child, output);

  const post = (command: string, body: unknown) =>
    fetch(`${demo.origin}/__demo/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    origin,
    pid: child.pid ?? 0,
    demo,
    databaseFile,
    output,
    async control(command, body = {}) {
      const response = await post(command, body);
      if (!response.ok) throw new Error(`The demo refused ${command}: ${await response.text()}`);
    },
    async counters() {
      return (await fetch(`${demo.origin}/__demo/counters`)).json();
    },
    async stop() {
      await stopNext(child);
      await demo.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The environment of an app at an address, on the demo's services. */
export const environmentFor = (origin: string, demo: DemoServices): Record<string, string> => ({
  AUTH_SECRET,
  AUTH_URL: origin,
  AUTH_OIDC_ISSUER: demo.issuer,
  AUTH_OIDC_ID: demo.clientId,
  AUTH_OIDC_SECRET: demo.clientSecret,
  AUTH_OIDC_SCOPE: 'openid profile email offline_access notes',
  UPSTREAM_URL: demo.apiUrl,
  ...demo.loginPaths,
});

/** Runs `next start` with nothing of this process's environment but what the system needs. */
export function spawnNext(
  port: number,
  environment: Record<string, string>,
  confinement: Confinement = {},
  folder = ROOT,
): { child: ChildProcess; output: () => string } {
  const { PATH = '', HOME = '' } = process.env;
  const command = [process.execPath, NEXT, 'start', '-p', String(port), '-H', 'localhost'];
  const [program, ...parameters] = confined(command, confinement);
  const child = spawn(program, parameters, {
    cwd: folder,
    env: { PATH, HOME, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  return { child, output: () => pieces.join('') };
}

/** Resolves when an app answers; throws with its output when it exits or does not. */
export async function untilHealthy(origin: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(`${origin}/api/health`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stopNext(child);
  throw new Error(`The app did not come up. Is there a build (npm run build)?\n${output()}`);
}

/** Stops an app as an operator does, and waits until it is gone. */
export async function stopNext(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
