import { expect, signIn, test } from './fixtures';
import { newestNote, press, proceduresIn } from './observe';

const FOREVER_MS = 600_000;

const WAYS_TO_GO = {
  'a closed tab': 'close',
  'a document navigation': 'document',
  'a soft navigation': 'soft',
} as const;

for (const [name, way] of Object.entries(WAYS_TO_GO)) {
  test(`A10 ${name} during a slow call aborts the call at the API`, async ({ page, app }) => {
    await signIn(page, 'alice', '/notes');
    await app.control('reset');
    await app.control('knobs', { api: { delayMs: FOREVER_MS } });
    const printed = app.output().length;
    await press(page.getByRole('button', { name: 'Show more' }));
    await expect.poll(async () => (await app.counters())['apiRequests']).toBe(1);
    if (way === 'close') await page.close();
    if (way === 'document') await page.goto('/');
    if (way === 'soft') await press(page.getByRole('link', { name: 'New note' }));
    await expect.poll(async () => (await app.counters())['apiAborts']).toBe(1);
    // The call's own time limit would abort it too, but with GATEWAY_TIMEOUT.
    await expect
      .poll(() => codesOf('notes.list', app.output().slice(printed)))
      .toEqual(['CLIENT_CLOSED_REQUEST']);
    expect(await app.counters()).toMatchObject({ apiRequests: 1 });
  });
}

const RENDERED = {
  'a page': '/board',
  'a page that prefetches': '/notes',
  'a page that is streamed': '/overview',
  'a route handler': '/notes/export',
} as const;

for (const [name, path] of Object.entries(RENDERED)) {
  test(`A10 a tab closed while ${name} waits for the API aborts the call there`, async ({ page, app }) => {
    await signIn(page, 'alice', '/');
    await app.control('reset');
    await app.control('knobs', { api: { delayMs: FOREVER_MS } });
    const printed = app.output().length;
    const left = page.goto(path).catch(() => {});
    await expect.poll(async () => (await app.counters())['apiRequests']).toBeGreaterThan(0);
    await page.close();
    await left;
    await expect
      .poll(async () => {
        const { apiAborts, apiRequests } = await app.counters();
        return apiAborts === apiRequests;
      })
      .toBe(true);
    await expect
      .poll(() => [...new Set(codesOf('notes.list', app.output().slice(printed)))])
      .toEqual(['CLIENT_CLOSED_REQUEST']);
    expect(app.output().slice(printed)).not.toContain('Error');
  });
}

test('A10 a tab closed while a Server Action waits for the API lets it finish', async ({
  page,
  context,
  app,
}) => {
  const title = `Left behind ${Date.now()}`;
  await signIn(page, 'bob', '/notes/new');
  await page.getByLabel('Title').fill(title);
  await app.control('reset');
  await app.control('knobs', { api: { delayMs: 1_500 } });
  await press(page.getByRole('button', { name: 'Create note' }));
  await expect.poll(async () => (await app.counters())['apiRequests']).toBe(1);
  await page.close();
  await expect.poll(async () => (await newestNote(context, app)).title).toBe(title);
  expect(await app.counters()).toMatchObject({ apiAborts: 0 });
});

const codesOf = (path: string, output: string) =>
  proceduresIn(output)
    .filter((line) => line.path === path)
    .map(({ code }) => code);
