import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page } from '@playwright/test';
import { type DemoServices, startDemoServices } from '../../packages/demo/src/services';
import { environmentFor, stopNext, untilHealthy } from '../support/app';
import { freePort } from '../support/free-port';

const FONTS = fileURLToPath(new URL('fonts.cjs', import.meta.url));

/** The adopter's own part: an endpoint, and a page that calls it from the server and from the browser. */
const OWN_FILES: Readonly<Record<string, string>> = {
  'server/routers/notes.ts': `import { z } from 'zod';
import { endpoint, router } from '../trpc';

const note = z.object({ id: z.string(), title: z.string() });

export const notesRouter = router({
  list: endpoint('GET /notes', {
    input: z.object({ limit: z.number() }),
    output: z.object({ items: z.array(note) }),
  }),
  create: endpoint('POST /notes', {
    input: z.object({ title: z.string(), body: z.string() }),
    output: note,
    invalidates: ['notes'],
  }),
});
`,
  'server/routers.ts': `export { sessionRouter as session } from 'next-trpc-bff/server';
export { notesRouter as notes } from './routers/notes';
`,
  'app/dash/page.tsx': `import { Suspense } from 'react';
import { caller, HydrateClient, prefetch } from '@/trpc/server';
import { Notes } from './notes';

export default function Dash() {
  return (
    <Suspense fallback={<p>Loading</p>}>
      <Content />
    </Suspense>
  );
}

async function Content() {
  const { items } = await caller.notes.list({ limit: 100 });
  prefetch.notes.list({ limit: 5 });
  return (
    <>
      <h1>{items.length} notes</h1>
      <HydrateClient>
        <Notes />
      </HydrateClient>
      <form action="/logout" method="post">
        <button type="submit">Sign out</button>
      </form>
    </>
  );
}
`,
  'app/dash/notes.tsx': `'use client';

import { trpc } from '@/trpc/client';

export function Notes() {
  const [{ items }] = trpc.notes.list.useSuspenseQuery({ limit: 5 });
  const create = trpc.notes.create.useMutation();
  return (
    <>
      <ul>
        {items.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
      </ul>
      <button onClick={() => create.mutate({ title: 'Mine', body: '' })} type="button">
        Add
      </button>
    </>
  );
}
`,
};

/** Types that an adopter relies on; it compiles only if they are exact. */
const TYPES = `import type { AppRouter } from './server/router';
import type { inferRouterOutputs } from '@trpc/server';
import { createBffClient } from 'next-trpc-bff/client';
import { caller, prefetch } from './trpc/server';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Title = inferRouterOutputs<AppRouter>['notes']['list']['items'][number]['title'];
type Current = Awaited<ReturnType<typeof caller.session.current>>;
export const isExact: [Same<Title, string>, Same<NonNullable<Current>['user']['id'], string>] = [true, true];

export function wrong() {
  // @ts-expect-error a wrong input
  void caller.notes.list({ limit: 'five' });
  // @ts-expect-error an unknown procedure
  void caller.raw.notes.unknown();
  // @ts-expect-error a mutation is not prefetched
  prefetch.notes.create({ title: '', body: '' });
  // @ts-expect-error a map without session
  createBffClient<Omit<AppRouter, '_def'> & { _def: Omit<AppRouter['_def'], 'record'> & { record: object } }>();
}
`;

/** Writes the adopter's own part into an app. */
export function writeOwnPart(folder: string): void {
  for (const [file, text] of Object.entries({ ...OWN_FILES, 'types.ts': TYPES })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

/** An adopter's app, running on the demo's services. */
export interface Started {
  readonly origin: string;
  readonly demo: DemoServices;
  control(command: 'expire' | 'revoke', body: unknown): Promise<void>;
  counters(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts an app by `next start` or `next dev`. */
export async function start(folder: string, command: readonly string[]): Promise<Started> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const demo = await startDemoServices({ port: 0, appUrl: origin });
  const { PATH = '', HOME = '' } = process.env;
  const mode = command[0] === 'dev' ? 'development' : 'production';
  const child: ChildProcess = spawn(
    process.execPath,
    [join(folder, 'node_modules/next/dist/bin/next'), ...command, '-p', String(port), '-H', 'localhost'],
    {
      cwd: folder,
      env: {
        PATH,
        HOME,
        NODE_ENV: mode,
        NEXT_TELEMETRY_DISABLED: '1',
        NEXT_FONT_GOOGLE_MOCKED_RESPONSES: FONTS,
        ...environmentFor(origin, demo),
        SESSION_STORE_URL: `file:${join(folder, '.data', 'sessions.db')}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
  await untilHealthy(origin, child, () => pieces.join(''));
  return {
    origin,
    demo,
    async control(command, body) {
      const headers = { 'content-type': 'application/json' };
      const url = `${demo.origin}/__demo/${command}`;
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`The demo refused ${command}.`);
    },
    counters: async () => (await fetch(`${demo.origin}/__demo/counters`)).json(),
    async stop() {
      await stopNext(child);
      await demo.stop();
    },
  };
}

/** Signs alice in from `/login`, where she was sent, and waits until she is back at `/dash`. */
export async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue with single sign-on' }).click();
  await page.locator('[name=login]').fill('alice');
  await page.locator('[name=password]').fill('demo');
  await page.getByRole('button').click();
  await page.waitForURL((url) => url.pathname === '/dash');
}

/** Walks an app through sign-in, RSC, client, mutation, expiry, revocation and sign-out, as a person would. */
export async function drive(page: Page, app: Started): Promise<void> {
  const toLogin = (url: URL) => url.pathname === '/login';
  await page.goto(`${app.origin}/dash`);
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/login?callbackUrl=%2Fdash');
  await signIn(page);
  await expect(page.getByRole('heading', { name: /^\d+ notes$/ })).toBeVisible();
  await expect(page.getByRole('listitem')).not.toHaveCount(0);

  await page.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Mine' })).toHaveCount(1);

  const { refreshes = 0 } = await app.counters();
  await app.control('expire', { user: 'alice' });
  await page.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Mine' })).toHaveCount(2);
  expect((await app.counters())['refreshes']).toBe(refreshes + 1);

  await app.control('revoke', { user: 'alice' });
  await page.getByRole('button', { name: 'Add' }).click();
  await page.waitForURL(toLogin);
  expect(new URL(page.url()).searchParams.get('callbackUrl')).toBe('/dash');
  await expect(page.getByRole('status')).toHaveText(/Your session has ended/);

  await signIn(page);
  await app.control('revoke', { user: 'alice' });
  await page.reload();
  await page.waitForURL(toLogin);
  expect(new URL(page.url()).searchParams.get('callbackUrl')).toBe('/dash');

  await signIn(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(toLogin);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto(`${app.origin}/dash`);
  await page.waitForURL(toLogin);
}
