import { mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTRPCHandler } from 'next-trpc-bff/server';
import { startDemoServices } from '../packages/demo/src/services';
import { startSession } from '../packages/next-trpc-bff/src/auth/sign-in/start-session';
import { logIn } from '../packages/next-trpc-bff/src/auth/tokens/own-login';
import { appRouter } from '../server/router';

/**
 * Lists the files of the engine and of the application's `server/` in which a function is called while one protected
 * query is answered, `notes.list` of a signed-in user: what there is to read for who follows a request.
 * `npm run bench:files`.
 *
 * @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#method-startPreciseCoverage
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COUNTED = /^(?:packages\/next-trpc-bff\/src|server)\//;
const ORIGIN = 'http://localhost:3000';
const ADDRESS = `${ORIGIN}/api/trpc/notes.list?input=${encodeURIComponent('{"limit":5}')}`;
const WARM_UP_CALLS = 5;

const folder = mkdtempSync(join(tmpdir(), 'bff-bench-'));
const demo = await startDemoServices({ port: 0, appUrl: ORIGIN });
Object.assign(process.env, {
  AUTH_SECRET: 'a-secret-for-measuring-only-0123456789',
  AUTH_URL: ORIGIN,
  UPSTREAM_URL: demo.apiUrl,
  ...demo.loginPaths,
  SESSION_STORE_URL: `file:${join(folder, 'sessions.db')}`,
  LOG_LEVEL: 'fatal',
});

const answer = await logIn({ login: 'alice', password: 'demo' }, {});
if (answer.kind !== 'granted') throw new Error(`The demo did not sign alice in: ${answer.kind}`);
const cookie = `bff-session=${await startSession(answer.signIn, new Headers())}`;
const serveTRPC = createTRPCHandler(appRouter);

async function query(): Promise<void> {
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'x-trpc-source': 'react' };
  const response = await serveTRPC(new Request(ADDRESS, { headers }));
  const text = await response.text();
  if (!text.includes('"items":[{')) throw new Error(`The query failed: ${text}`);
}

// What the first calls open and read is no part of the others.
for (let call = 0; call < WARM_UP_CALLS; call += 1) await query();
const profiler = new Session();
profiler.connect();
await profiler.post('Profiler.enable');
await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
await profiler.post('Profiler.takePreciseCoverage');
await query();
const { result } = await profiler.post('Profiler.takePreciseCoverage');

const files = result
  .filter(({ url, functions }) => url.startsWith('file:') && functions.some(({ ranges }) => ranges[0]?.count))
  .map(({ url }) => relative(ROOT, fileURLToPath(url)))
  .filter((file) => COUNTED.test(file))
  .sort();
for (const file of files) console.log(file);
console.error(`${files.length} files`);
rmSync(folder, { recursive: true });
process.exit();
