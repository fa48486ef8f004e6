import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type RunningApp, startApp } from '../support/app';
import { buildIn, copyProject } from '../support/project-copy';
import { rowOf, whileStoreIsDown } from '../support/session-rows';
import { hasSessionCookie, signInAtProvider } from './fixtures';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const ADOPTING = readFileSync(join(ROOT, 'docs/adopting.md'), 'utf8');

/** What the README's "Start your own" says to delete. */
const DELETED = [
  'demo',
  'packages/demo',
  'app/(demo)',
  'server/routers/notes.ts',
  'server/routers/attachments.ts',
  'tests',
  'bench',
  'vitest.config.ts',
];

/** Files of docs/adopting.md for those who come from Auth.js. */
const EXAMPLES = [...ADOPTING.matchAll(/^```tsx? example=(\S+)\n(.*?)\n```$/gms)];

/** The other ways of calling signIn() that docs/adopting.md describes. */
const OTHER_SIGN_INS = `import { redirect } from 'next/navigation';
import { signIn } from '@/auth';

async function elsewhere() {
  'use server';
  await signIn('oidc', { redirectTo: 'https://evil.example/' });
}

async function choose() {
  'use server';
  await signIn();
}

async function again() {
  'use server';
  redirect(await signIn('oidc', { redirectTo: '/account', redirect: false }, { prompt: 'login' }));
}

export default function OtherSignIns() {
  return (
    <form>
      <button formAction={elsewhere}>Elsewhere</button>
      <button formAction={choose}>Choose</button>
      <button formAction={again}>Again</button>
    </form>
  );
}
`;

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  expect(after, `${file} did not change`).not.toBe(before);
  writeFileSync(file, after);
}

/** The project without the demo and with the examples, built and running. */
const test = base.extend<
  object,
  { build: { folder: string; output: string; status: number | null }; app: RunningApp }
>({
  build: [
    async ({ browserName: _ }, use) => {
      const folder = copyProject();
      try {
        for (const path of DELETED) rmSync(join(folder, path), { recursive: true });
        edit(join(folder, 'server/routers.ts'), (map) =>
          map.replace(/.*(?:notesRouter|attachmentsRouter).*\n/g, ''),
        );
        const examples = EXAMPLES.map(([, path = '', text = '']) => [path, text] as const);
        for (const [path, text] of [...examples, ['app/account/other/page.tsx', OTHER_SIGN_INS] as const]) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), text);
        }
        edit(join(folder, 'proxy.ts'), (proxy) =>
          proxy.replace("['/']", "['/', '/account', '/account/other']"),
        );
        const { status, stdout, stderr } = buildIn(folder);
        await use({ folder, status, output: stdout + stderr });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  app: [
    async ({ build: { folder } }, use) => {
      const app = await startApp({}, {}, folder);
      await use(app);
      await app.stop();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ app }, use) => use(app.origin),
});

const sessionToken = async (context: BrowserContext) =>
  (await context.cookies()).find(({ name }) => name === 'bff-session')?.value ?? '';

async function enter(page: Page): Promise<void> {
  await page.goto('/account');
  await page.getByRole('button', { name: 'Enter' }).click();
  await signInAtProvider(page, 'alice');
  await page.waitForURL('**/account');
}

test('the project without the demo, as the README says to delete it, builds', ({ build }) => {
  const startYourOwn = README.split('## Start your own')[1]?.split('\n## ')[0] ?? '';
  for (const path of DELETED) expect(startYourOwn).toContain(`\`${path}`);
  expect(build.status, build.output).toBe(0);
  expect(build.output).toContain('/api/trpc/[trpc]');
  expect(build.output).not.toContain('/notes');
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('B11 signIn() of auth.ts signs in at the provider and comes back to its redirectTo', async ({
      page,
      app,
    }) => {
      await enter(page);
      expect(page.url()).toBe(`${app.origin}/account`);
      await expect(page.getByText('You are Alice Archer.')).toBeVisible();
    });

    test('L5 signOut() of auth.ts ends the session in the store and at the provider, and lands on /login', async ({
      page,
      context,
      app,
    }) => {
      await enter(page);
      const token = await sessionToken(context);
      const { revocations = 0 } = await app.counters();
      await page.getByRole('button', { name: 'Leave' }).click();
      await page.waitForURL('**/login*');
      expect(rowOf(app, token)).toMatchObject({ end_reason: 'signed-out', sealed_tokens: '' });
      expect(await app.counters()).toMatchObject({ revocations: revocations + 1 });
      expect(await hasSessionCookie(context)).toBe(false);
      // The provider has signed the user out too: it asks again.
      await enter(page);
    });
  });
}

test('L11 signIn() of auth.ts with a redirectTo outside the application comes back to /', async ({
  page,
  app,
}) => {
  await page.goto('/account/other');
  await page.getByRole('button', { name: 'Elsewhere' }).click();
  await signInAtProvider(page, 'alice');
  await page.waitForURL(`${app.origin}/`);
});

test('B11 signIn() of auth.ts without a provider shows /login', async ({ page }) => {
  await page.goto('/account/other');
  await page.getByRole('button', { name: 'Choose' }).click();
  await expect(page.getByRole('button', { name: 'Continue with single sign-on' })).toBeVisible();
});

test('B11 signIn() of auth.ts without redirect returns the address, with the parameters it was given', async ({
  page,
}) => {
  await enter(page);
  await page.goto('/account/other');
  await page.getByRole('button', { name: 'Again' }).click();
  // The provider knows the user, and asks all the same.
  await signInAtProvider(page, 'alice');
  await page.waitForURL('**/account');
});

test('S1 auth() of auth.ts returns the user and the expiry, and no token, in a page and a route handler', async ({
  page,
  context,
  app,
}) => {
  expect((await context.request.get(`${app.origin}/api/account`)).status()).toBe(401);
  await enter(page);
  const session = await (await context.request.get(`${app.origin}/api/account`)).json();
  expect(session).toEqual({
    user: { id: 'alice', name: 'Alice Archer', email: 'alice@example.com', image: null },
    expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  expect(Date.parse(session.expires)).toBeGreaterThan(Date.now());
});

test('L7 auth() of auth.ts is null at once after the session has ended elsewhere', async ({
  page,
  context,
  app,
}) => {
  await enter(page);
  const cookie = `bff-session=${await sessionToken(context)}`;
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.waitForURL('**/login*');
  expect((await fetch(`${app.origin}/api/account`, { headers: { cookie } })).status).toBe(401);
});

test('R2 auth() and signOut() of auth.ts throw while the store is down, and the user is signed in afterwards', async ({
  page,
  context,
  app,
}) => {
  await enter(page);
  await whileStoreIsDown(app, async () => {
    expect((await context.request.get(`${app.origin}/api/account`)).status()).toBe(500);
    await page.getByRole('button', { name: 'Leave' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    expect(page.url()).toBe(`${app.origin}/account`);
    expect(await hasSessionCookie(context)).toBe(true);
  });
  await page.goto('/account');
  await expect(page.getByText('You are Alice Archer.')).toBeVisible();
});
