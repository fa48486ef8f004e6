import { readFile } from 'node:fs/promises';
import type { BrowserContext, Page } from '@playwright/test';
import type { RunningApp } from '../support/app';
import { expect, hasSessionCookie, recordHops, signIn, test } from './fixtures';
import { endUnnoticed, exitFrom, linesOf, newestNote, press, recordDepartures } from './observe';

const MIB = 1_048_576;

/** Opens alice's newest note. */
async function openNote(page: Page, context: BrowserContext, app: RunningApp): Promise<string> {
  await signIn(page, 'alice', '/');
  const path = `/notes/${(await newestNote(context, app)).id}`;
  await page.goto(path);
  return path;
}

const choose = (page: Page, name: string, content: Buffer | string) =>
  page.getByLabel('File').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });

const attach = (page: Page) => page.getByRole('button', { name: 'Attach' });

/** Follows a link to a file, and returns what was saved. */
async function save(page: Page, name: string) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name }).click(),
  ]);
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), 'utf8') };
}

test('A6 a file is attached, listed, saved as it was, and removed', async ({ page, context, app }) => {
  await openNote(page, context, app);
  const name = `Grüße ${Date.now()}.txt`;
  await choose(page, name, 'some <b>text</b>');
  await press(attach(page));
  await expect(page.getByRole('link', { name })).toBeVisible();
  await expect(page.getByLabel('File')).toHaveValue('');
  expect(await save(page, name)).toEqual({ name, content: 'some <b>text</b>' });

  await page.reload();
  await press(page.getByRole('button', { name: `Remove ${name}` }));
  await expect(page.getByRole('link', { name })).toHaveCount(0);
});

test('A6 a page uploads a file that is larger than the limit of forms', async ({ page, context, app }) => {
  await openNote(page, context, app);
  await app.control('reset');
  await choose(page, 'large.bin', Buffer.alloc(12 * MIB));
  await press(attach(page));
  await expect(page.getByRole('link', { name: 'large.bin' })).toBeVisible();
  expect(await app.counters()).toMatchObject({ uploadedBytes: 12 * MIB });
});

test('A6 a cancelled upload ends at the API, and the page shows no error', async ({ page, context, app }) => {
  await openNote(page, context, app);
  await app.control('reset');
  await app.control('knobs', { api: { delayMs: 600_000 } });
  await choose(page, 'x.txt', 'x');
  await press(attach(page));
  await expect.poll(async () => (await app.counters())['apiRequests']).toBe(1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(async () => (await app.counters())['apiAborts']).toBe(1);
  await expect(attach(page)).toBeEnabled();
  await expect(page.locator('#file-error')).toBeEmpty();
});

test('A6 a file that the API refuses shows an error', async ({ page, context, app }) => {
  await openNote(page, context, app);
  await app.control('knobs', { api: { status: 413 } });
  await choose(page, 'large.bin', Buffer.alloc(20 * MIB));
  await press(attach(page));
  await expect(page.locator('#file-error')).toHaveText('The file is too large.');
});

test('T11 an upload whose token is rejected on the way succeeds without the user noticing', async ({
  page,
  context,
  app,
}) => {
  await openNote(page, context, app);
  await app.control('reset');
  await app.control('expire', { user: 'alice' });
  const name = `Again ${Date.now()}.txt`;
  await choose(page, name, 'x'.repeat(MIB));
  await press(attach(page));
  await expect(page.getByRole('link', { name })).toBeVisible();
  expect(await app.counters()).toMatchObject({ refreshes: 1 });
  expect((await save(page, name)).content).toHaveLength(MIB);
});

test('B4 a session that ends during an upload leads to /login once, and back', async ({
  page,
  context,
  app,
}) => {
  const path = await openNote(page, context, app);
  await app.control('reset');
  await app.control('knobs', { api: { delayMs: 3_000 } });
  const hops = recordHops(page, app);
  const departures = await recordDepartures(page);
  await choose(page, 'x.bin', Buffer.alloc(20 * MIB));
  await press(attach(page));
  await expect.poll(async () => (await app.counters())['apiRequests']).toBe(1);
  await app.control('revoke', { user: 'alice' });
  await page.waitForURL('**/login?*');
  expect(departures).toEqual(['/logout']);
  expect(linesOf(hops)).toEqual(exitFrom(path));
  expect(await hasSessionCookie(context)).toBe(false);
  expect(await app.counters()).toMatchObject({ apiRequests: 1 });
});

test('B1 a download without a session leads to /login and back to the note', async ({
  page,
  context,
  app,
}) => {
  const path = await openNote(page, context, app);
  const name = `Kept ${Date.now()}.txt`;
  await choose(page, name, 'x');
  await press(attach(page));
  const file = await page.getByRole('link', { name }).getAttribute('href');
  await endUnnoticed(context, app, 'alice');
  const hops = recordHops(page, app);
  await page.getByRole('link', { name }).click();
  await page.waitForURL('**/login?*');
  expect(linesOf(hops)).toEqual([`307 ${file}`, ...exitFrom(path)]);

  // What asks for the file as a file must not be handed a page.
  const fetched = await page.evaluate(async (address) => {
    const { status, redirected } = await fetch(address ?? '');
    return { status, redirected };
  }, file);
  expect(fetched).toEqual({ status: 401, redirected: false });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('A6 a form attaches a file, and a link saves it', async ({ page, context, app }) => {
    const path = await openNote(page, context, app);
    const name = `Plain ${Date.now()}.txt`;
    await choose(page, name, 'some text');
    await attach(page).click();
    await expect(page.getByRole('link', { name })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe(path);
    expect(await save(page, name)).toEqual({ name, content: 'some text' });
  });

  test('B6 a form with a file whose session has ended leads to /login', async ({ page, context, app }) => {
    const path = await openNote(page, context, app);
    await choose(page, 'x.txt', 'some text');
    await endUnnoticed(context, app, 'alice');
    await attach(page).click();
    await page.waitForURL('**/login?*');
    expect(new URL(page.url()).searchParams.get('callbackUrl')).toBe(path);
    expect(await hasSessionCookie(context)).toBe(false);
  });
});
