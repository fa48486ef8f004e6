import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOnLoopback } from '../../packages/demo/src/loopback';
import { openDatabase } from '../../packages/next-trpc-bff/src/session/sqlite/driver';
import { spawnNext } from '../support/app';
import { freePort } from '../support/free-port';
import { isSessionLive, plainRequest, signInOverHttp } from '../support/plain-http';
import { whileStoreIsDown } from '../support/session-rows';
import { expect, test } from './fixtures';

const COMPLETE = {
  AUTH_SECRET: 'a-secret-that-must-not-be-printed-0123456789',
  AUTH_URL: 'http://localhost:3000',
  AUTH_OIDC_ISSUER: 'http://localhost:4000',
  AUTH_OIDC_ID: 'a-client',
  AUTH_OIDC_SECRET: 'a-client-secret-that-must-not-be-printed',
  UPSTREAM_URL: 'http://localhost:4000/api',
};

const started: ChildProcess[] = [];
test.afterEach(() => {
  // One that has not given up would outlive its test.
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts the server and waits until it has given up, which is what it must do. */
async function failedStart(environment: Record<string, string>) {
  const { child, output } = spawnNext(await freePort(), environment);
  started.push(child);
  const [code]: unknown[] = await once(child, 'close');
  return { code, output: output() };
}

test('S12 an empty configuration stops the boot and names every variable that is missing', async () => {
  const { code, output } = await failedStart({});
  expect(code).toBe(1);
  for (const name of Object.keys(COMPLETE))
    expect(output).toMatch(new RegExp(`^  ${name} is missing: set it to`, 'm'));
});

const MISTAKES: [change: Record<string, string>, name: string, mend: RegExp][] = [
  [{ AUTH_SECRET: 'a-short-one' }, 'AUTH_SECRET', /use 32 characters or more/],
  [{ AUTH_SECRET: '' }, 'AUTH_SECRET', /openssl rand -base64 33/],
  [{ AUTH_OIDC_SECRET: '' }, 'AUTH_OIDC_SECRET', /is missing/],
  [{ AUTH_URL: 'http://app.example.com' }, 'AUTH_URL', /use https/],
  [{ AUTH_URL: 'https://app.example.com/base' }, 'AUTH_URL', /build again \(npm run build\)/],
  [{ AUTH_OIDC_ISSUER: 'http://id.example.com' }, 'AUTH_OIDC_ISSUER', /use https, or .* HTTP_HOSTS/],
  [{ UPSTREAM_URL: 'http://10.0.0.1/api' }, 'UPSTREAM_URL', /use https, or .* HTTP_HOSTS/],
  [{ UPSTREAM_URL: 'https://user:hunter2-hunter2@api.example.com' }, 'UPSTREAM_URL', /without credentials/],
  [{ HTTP_HOSTS: 'http://hunter2-hunter2' }, 'HTTP_HOSTS', /without scheme/],
  [{ SESSION_STORE_URL: 'mongodb://user:hunter2-hunter2@x' }, 'SESSION_STORE_URL', /unknown scheme/],
  [{ INSTANCES: 'many' }, 'SESSION_STORE_URL', /cannot share/],
  [{ SESSION_IDLE_SECONDS: 'soon' }, 'SESSION_IDLE_SECONDS', /whole number of seconds/],
];

for (const [change, name, mend] of MISTAKES) {
  test(`S12 ${JSON.stringify(change)} stops the boot, and the message has the variable’s name and what to do`, async () => {
    const { code, output } = await failedStart({ ...COMPLETE, ...change });
    expect(code).toBe(1);
    const line = output.split('\n').find((candidate) => candidate.startsWith(`  ${name} `)) ?? '';
    expect(line).toMatch(mend);
    for (const secret of [COMPLETE.AUTH_SECRET, COMPLETE.AUTH_OIDC_SECRET, 'a-short-one', 'hunter2'])
      expect(output).not.toContain(secret);
  });
}

test('S12 a session database that cannot be used stops the boot, and the message has its path and what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-boot-'));
  const [newer, text] = [join(folder, 'newer.db'), join(folder, 'text.db')];
  openDatabase(newer).exec('PRAGMA user_version = 99');
  writeFileSync(text, 'A list of things to buy.');
  for (const [file, fault] of [
    [newer, /has the schema 99, .* run the version that wrote it/],
    [text, /is no SQLite database: point SESSION_STORE_URL to a file of its own/],
  ] as const) {
    const { code, output } = await failedStart({ ...COMPLETE, SESSION_STORE_URL: `file:${file}` });
    expect(code).toBe(1);
    const line = output.split('\n').find((candidate) => candidate.includes(file)) ?? '';
    expect(line).toMatch(fault);
  }
  expect(readFileSync(text, 'utf8')).toBe('A list of things to buy.');
  rmSync(folder, { recursive: true, force: true });
});

test('R10 a SQLite version with the WAL-reset bug stops the boot before a file is touched', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-boot-'));
  const { code, output } = await failedStart({
    ...COMPLETE,
    SESSION_STORE_URL: `file:${join(folder, 'data', 'sessions.db')}`,
    NODE_OPTIONS: `--import ${new URL('../support/old-sqlite.mjs', import.meta.url)}`,
    SQLITE_VERSION: '3.51.2',
  });
  expect(code).toBe(1);
  expect(output).toMatch(
    /^SQLite 3\.51\.2 runs here, which has the WAL-reset bug .*: .* Install .* 3\.51\.3/m,
  );
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

test('R2 readiness is 503 while the store is down and 200 after, liveness is 200 throughout', async ({
  app,
}) => {
  const sessionToken = await signInOverHttp(app);
  const status = async (path: string) => (await plainRequest(app.origin + path)).status;
  const both = async () => [await status('/api/health'), await status('/api/health/ready')];
  expect(await both()).toEqual([200, 200]);
  await whileStoreIsDown(app, async () => {
    const ready = await plainRequest(`${app.origin}/api/health/ready`);
    expect([ready.status, ready.headers['retry-after']]).toEqual([503, '5']);
    expect(ready.body).not.toContain('SQLITE');
    expect(await both()).toEqual([200, 503]);
  });
  expect(await both()).toEqual([200, 200]);
  expect(await isSessionLive(app, sessionToken)).toBe(true);
});

/** Runs the demo as `npm run demo` does, on a build that is there. */
function startDemo(port: number, demoPort: number, store: string) {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'demo/run.ts', 'start', '--no-build'], {
    env: {
      PATH,
      HOME,
      NODE_ENV: 'production',
      PORT: String(port),
      DEMO_PORT: String(demoPort),
      SESSION_STORE_URL: `file:${store}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  return { child, output: () => pieces.join('') };
}

const isFree = (port: number): Promise<boolean> =>
  listenOnLoopback(port).then(
    async (loopback) => {
      await loopback.close();
      return true;
    },
    () => false,
  );

const readyLines = (output: string) => output.split('\n').filter((line) => /^ready on /.test(line));

async function stopped(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown[]> {
  const exit = once(child, 'close');
  child.kill(signal);
  return exit;
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`R1 the demo prints one ready line, serves, and leaves nothing behind after ${signal}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bff-demo-'));
    const [port, demoPort] = [await freePort(), await freePort()];
    const origin = `http://localhost:${port}`;
    const { child, output } = startDemo(port, demoPort, join(folder, 'sessions.db'));
    try {
      await expect.poll(() => readyLines(output()), { timeout: 40_000, message: output() }).toHaveLength(1);
      expect(readyLines(output())).toEqual([`ready on ${origin} — sign in as alice or bob, password demo`]);
      expect((await plainRequest(`${origin}/login`)).status).toBe(200);
      expect(await isSessionLive({ origin }, await signInOverHttp({ origin }))).toBe(true);
      expect((await plainRequest(`http://localhost:${demoPort}/__demo/counters`)).status).toBe(200);
      expect(await isFree(port)).toBe(false);

      expect(await stopped(child, signal)).toEqual([0, null]);
      expect([await isFree(port), await isFree(demoPort)]).toEqual([true, true]);
      expect(readyLines(output())).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

test('R1 the demo says which port is taken, and exits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-demo-'));
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { child, output } = startDemo(await freePort(), port, join(folder, 'sessions.db'));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output()).toContain(
    `Port ${port} is already in use; stop what runs there or set DEMO_PORT to a free port.`,
  );
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});
