import { expect, signIn, test } from './fixtures';
import { alertOf, newestNote, press, proceduresIn, recordCalls } from './observe';

test('A1 an infinite suspense query shows further pages', async ({ page }) => {
  await signIn(page, 'alice', '/notes');
  const links = page.locator('.notes a');
  await expect(links).toHaveCount(10);
  await press(page.getByRole('button', { name: 'Show more' }));
  await expect(links).toHaveCount(20);
  const addresses = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(addresses).toEqual([...new Set(addresses)]);
});

test('A1 suspense queries and a mutation of many notes work together', async ({ page }) => {
  await signIn(page, 'bob', '/board');
  await press(page.getByRole('button', { name: 'Mark all as checked' }));
  await expect(page.locator('.columns article', { hasText: '— checked' })).toHaveCount(6);
});

test('A1 a created note is listed, and removed it is gone', async ({ page }) => {
  const title = `Written by a test ${Date.now()}`;
  await signIn(page, 'bob', '/notes/new');
  await page.getByLabel('Title').fill(title);
  await press(page.getByRole('button', { name: 'Create note' }));
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  await press(page.getByRole('link', { name: 'Notes', exact: true }));
  await expect(page.getByRole('link', { name: title })).toBeVisible();
  await press(page.getByRole('button', { name: `Remove ${title}` }));
  await expect(page.locator('.notes a')).toHaveCount(10);
  await expect(page.getByRole('link', { name: title })).toHaveCount(0);
});

test('A1 an edit is in the API, and the query reads it back', async ({ page, context, app }) => {
  await signIn(page, 'bob', '/');
  const { id } = await newestNote(context, app);
  await page.goto(`/notes/${id}`);
  const title = `Edited ${Date.now()}`;
  const reread = page.waitForResponse((response) => response.url().includes('/api/trpc/notes.byId'));
  await page.getByLabel('Title').fill(title);
  await press(page.getByRole('button', { name: 'Save' }));
  await expect(page.getByRole('heading', { name: title })).toBeVisible();
  expect(await (await reread).text()).toContain(title);
  expect((await newestNote(context, app)).title).toBe(title);
});

test('A1 an optimistic edit shows at once and is rolled back when the API answers an error', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/');
  const { id, title } = await newestNote(context, app);
  await page.goto(`/notes/${id}`);
  await page.getByLabel('Title').fill('Too early');
  await app.control('knobs', { api: { delayMs: 1_500, status: 500, message: 'secret of the API' } });
  const shown = page.waitForFunction(
    () =>
      document.querySelector('h1')?.textContent === 'Too early' &&
      document.querySelector('main button[aria-busy="true"]') !== null,
  );
  await press(page.getByRole('button', { name: 'Save' }));
  await shown;
  await expect(alertOf(page)).toHaveText('Something went wrong on our side. Try again in a moment.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  expect(await page.content()).not.toContain('secret of the API');
});

test('A1 a Server Action shows zod’s field errors, and the API is not called', async ({ page, app }) => {
  await signIn(page, 'alice', '/notes/new');
  await app.control('reset');
  await page.getByLabel('Body').fill('A body without a title');
  await press(page.getByRole('button', { name: 'Create note' }));
  await expect(page.getByText('A note needs a title.')).toBeVisible();
  await expect(page.getByLabel('Body')).toHaveValue('A body without a title');
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

test('A1 a mutation shows zod’s field errors, and the API is not called', async ({ page, context, app }) => {
  await signIn(page, 'alice', '/');
  const { id, title } = await newestNote(context, app);
  await page.goto(`/notes/${id}`);
  await app.control('reset');
  await page.getByLabel('Title').fill(' ');
  await press(page.getByRole('button', { name: 'Save' }));
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription('A note needs a title.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  expect(await app.counters()).toMatchObject({ apiRequests: 0 });
});

const API_RULE = 'The title must contain a letter or a digit.';

test('A9 a form shows field errors of the API at their fields, by Server Action and by mutation', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes/new');
  await page.getByLabel('Title').fill('???');
  await press(page.getByRole('button', { name: 'Create note' }));
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription(API_RULE);
  await expect(page.getByLabel('Title')).toHaveValue('???');

  const { id, title } = await newestNote(context, app);
  await page.goto(`/notes/${id}`);
  await page.getByLabel('Title').fill('!!!');
  await press(page.getByRole('button', { name: 'Save' }));
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription(API_RULE);
  await expect(page.getByLabel('Title')).toHaveValue('!!!');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
});

test('A1 the queries that a mutation invalidates are fetched again, and no others', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  const { title } = await newestNote(context, app);
  const remove = page.getByRole('button', { name: `Remove ${title}`, exact: true });
  const count = await remove.count();
  const calls = recordCalls(page);
  await press(remove.first());
  await expect(remove).toHaveCount(count - 1);
  await expect.poll(() => calls).toEqual(['POST notes.remove', 'GET notes.list']);
});

test('A2 a page calls in this process, and what it prefetched is not fetched again', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice', '/');
  await app.control('reset');
  const calls = recordCalls(page);
  const printed = app.output().length;
  await page.goto('/notes');
  await expect(page.locator('.notes a')).toHaveCount(10);
  await page.waitForLoadState('networkidle');
  expect(calls).toEqual([]);
  expect(await app.counters()).toMatchObject({ apiRequests: 1 });

  // One request id for layout and page: their calls belong to the one request that the browser made.
  const lines = proceduresIn(app.output().slice(printed));
  expect(lines.map(({ path }) => path).sort()).toEqual(['notes.list', 'session.current']);
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(1);

  // The hydrated list goes on where the server stopped.
  await press(page.getByRole('button', { name: 'Show more' }));
  await expect(page.locator('.notes a')).toHaveCount(20);
  expect(calls).toEqual(['GET notes.list']);
  expect(await app.counters()).toMatchObject({ apiRequests: 2 });
});

test('A4 a public procedure works signed out, also in a batch where others fail', async ({ page }) => {
  await page.goto('/login');
  const address = `/api/trpc/session.current,notes.list,notes.byId?batch=1&input=${encodeURIComponent(
    JSON.stringify({ 1: {}, 2: { id: 'x' } }),
  )}`;
  const { status, body } = await page.evaluate(async (url) => {
    const response = await fetch(url);
    return { status: response.status, body: await response.json() };
  }, address);
  expect(status).toBe(207);
  expect(body).toMatchObject([
    { result: { data: null } },
    { error: { data: { code: 'UNAUTHORIZED' } } },
    { error: { data: { code: 'UNAUTHORIZED' } } },
  ]);
});
