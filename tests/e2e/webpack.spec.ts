import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type DemoServices, startDemoServices } from '../../packages/demo/src/services';
import { environmentFor, spawnNext, stopNext, untilHealthy } from '../support/app';
import { freePort } from '../support/free-port';
import { plainRequest } from '../support/plain-http';
import { buildIn, copyProject } from '../support/project-copy';

const NEXT = createRequire(import.meta.url).resolve('next/dist/bin/next');

/** Compiling takes a minute or more on a machine that is busy. */
const COMPILES_MS = 600_000;
test.setTimeout(COMPILES_MS);
test.describe.configure({ mode: 'serial' });

let demo: DemoServices;
let folder: string;
let environment: Record<string, string>;
let port: number;
let origin: string;

test.beforeAll(async () => {
  folder = copyProject(['tests', 'bench', 'demo', 'package-lock.json']);
  port = await freePort();
  origin = `http://localhost:${port}`;
  demo = await startDemoServices({ port: 0, appUrl: origin });
  const store = { SESSION_STORE_URL: `file:${join(folder, 'sessions.db')}` };
  environment = { ...environmentFor(origin, demo), ...store };
});

test.afterAll(async () => {
  await demo.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A page, and a call that asks the session store: both need what the boot prepared. */
async function expectToServe(): Promise<void> {
  const page = await plainRequest(`${origin}/login`);
  expect(page.status, page.body).toBe(200);
  expect(page.body).toContain('Continue with single sign-on');
  const call = await plainRequest(`${origin}/api/trpc/session.current`);
  expect([call.status, call.body]).toEqual([200, '{"result":{"data":null}}']);
}

test('next dev --webpack serves pages and procedures', async () => {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [NEXT, 'dev', '--webpack', '-p', String(port), '-H', 'localhost'], {
    cwd: folder,
    env: { PATH, HOME, NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1', ...environment },
    stdio: 'ignore',
    // A group of its own: the process that compiles is a child of it.
    detached: true,
  });
  try {
    const health = () =>
      plainRequest(`${origin}/api/health`).then(
        ({ status }) => status,
        () => null,
      );
    await expect.poll(health, { timeout: COMPILES_MS }).not.toBe(null);
    await expectToServe();
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
});

test('next build --webpack makes a build that serves pages and procedures', async () => {
  const { status, stdout, stderr } = buildIn(folder, {}, ['--webpack']);
  expect(status, stdout + stderr).toBe(0);
  const { child, output } = spawnNext(port, environment, {}, folder);
  try {
    await untilHealthy(origin, child, output);
    await expectToServe();
  } finally {
    await stopNext(child);
  }
});

test('B19 a /login page that was open over a deploy signs in, with and without JavaScript', async ({
  browser,
}) => {
  const contexts = await Promise.all(
    [true, false].map((javaScriptEnabled) => browser.newContext({ baseURL: origin, javaScriptEnabled })),
  );
  const pages = await Promise.all(contexts.map((context) => context.newPage()));
  const before = spawnNext(port, environment);
  try {
    await untilHealthy(origin, before.child, before.output);
    for (const page of pages) await page.goto('/login?callbackUrl=%2Fnotes');
  } finally {
    await stopNext(before.child);
  }
  // Another build, which knows no Server Action of the first.
  const after = spawnNext(port, environment, {}, folder);
  try {
    await untilHealthy(origin, after.child, after.output);
    for (const page of pages) {
      await page.getByLabel('Username').fill('alice');
      await page.getByLabel('Password').fill('demo');
      await page.getByRole('button', { name: 'Sign in with password' }).click();
      await page.waitForURL(`${origin}/notes`);
      await expect(page.getByTestId('user')).toHaveText('Alice Archer');
    }
    for (const context of contexts) await context.close();
  } finally {
    await stopNext(after.child);
  }
});
