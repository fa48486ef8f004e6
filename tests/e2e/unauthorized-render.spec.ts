import { expect, hasSessionCookie, isLive, recordHops, signIn, test } from './fixtures';
import {
  endUnnoticed,
  exitFrom,
  isMarked,
  linesOf,
  loginBackTo,
  markDocument,
  newestNote,
  press,
} from './observe';

const RENDERERS = {
  'a page': '/notes?tag=a%20b&flag&x=1',
  'layout, parallel route and page at once': '/board?x=1',
  'generateMetadata and page': '/notes/NOTE?x=1',
  'a GET route handler': '/notes/export?x=1',
};

for (const javaScriptEnabled of [true, false]) {
  const browserKind = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
  test.describe(browserKind, () => {
    test.use({ javaScriptEnabled });

    for (const [renderer, template] of Object.entries(RENDERERS)) {
      test(`B1 ${renderer}, ${browserKind}: two redirects lead to /login, and back goes to path and query`, async ({
        page,
        context,
        app,
      }) => {
        await signIn(page, 'alice', '/');
        const path = template.replace('NOTE', (await newestNote(context, app)).id);
        await app.control('revoke', { user: 'alice' });
        const hops = recordHops(page, app);
        await page.goto(path);
        expect(linesOf(hops)).toEqual([`307 ${path}`, ...exitFrom(path)]);
        expect(await hasSessionCookie(context)).toBe(false);
        await expect(page.getByRole('status')).toHaveText(/Your session has ended/);
      });
    }

    test(`B1 a session that ended before, ${browserKind}: the same two redirects, and the API is not called`, async ({
      page,
      context,
      app,
    }) => {
      await signIn(page, 'alice', '/');
      await endUnnoticed(context, app, 'alice');
      await app.control('reset');
      const hops = recordHops(page, app);
      await page.goto('/board');
      expect(linesOf(hops)).toEqual(['307 /board', ...exitFrom('/board')]);
      expect(await app.counters()).toMatchObject({ apiRequests: 0, tokenRequests: 0 });
      expect(await hasSessionCookie(context)).toBe(false);
    });

    test(`B2 after the shell was sent, ${browserKind}: the same end by one visit to /logout`, async ({
      page,
      context,
      app,
    }) => {
      await signIn(page, 'alice', '/');
      await app.control('revoke', { user: 'alice' });
      await app.control('knobs', { api: { delayMs: 1_500 } });
      const hops = recordHops(page, app);
      await page.goto('/overview?x=1', { waitUntil: 'commit' });
      await expect(page.getByText('Counting your notes…')).toBeVisible();
      expect(linesOf(hops)).toEqual(['200 /overview?x=1']);
      await page.waitForURL(loginBackTo('/overview?x=1'));
      expect(linesOf(hops)).toEqual(['200 /overview?x=1', ...exitFrom('/overview?x=1')]);
      expect(await hasSessionCookie(context)).toBe(false);
    });

    test(`B7 a caller inside try/catch with the rethrow, ${browserKind}: no error page, the same end`, async ({
      page,
      context,
      app,
    }) => {
      await signIn(page, 'alice', '/');
      const { id } = await newestNote(context, app);
      expect((await page.goto(`/notes/${id}0`))?.status()).toBe(404);
      expect(await isLive(context, app)).toBe(true);
      await app.control('revoke', { user: 'alice' });
      const hops = recordHops(page, app);
      await page.goto(`/notes/${id}0`);
      expect(linesOf(hops)).toEqual([`307 /notes/${id}0`, ...exitFrom(`/notes/${id}0`)]);
    });
  });
}

test('B7 a caller inside try/catch with the rethrow ends at /login after a soft navigation too', async ({
  page,
  context,
  app,
}) => {
  await signIn(page, 'alice', '/notes');
  const { id } = await newestNote(context, app);
  await app.control('revoke', { user: 'alice' });
  await markDocument(page);
  const hops = recordHops(page, app);
  await press(page.locator(`.notes a[href="/notes/${id}"]`));
  await page.waitForURL(loginBackTo(`/notes/${id}`));
  expect(linesOf(hops)).toEqual(exitFrom(`/notes/${id}`));
  expect(await isMarked(page)).toBe(false);
});

test.describe('B6', () => {
  for (const javaScriptEnabled of [true, false]) {
    const browserKind = javaScriptEnabled ? 'with JavaScript' : 'without JavaScript';
    test.describe(browserKind, () => {
      test.use({ javaScriptEnabled });

      test(`B6 a Server Action, ${browserKind}: ends at /login in a new document, cookie gone`, async ({
        page,
        context,
        app,
      }) => {
        await signIn(page, 'alice', '/notes/new?x=1');
        await page.getByLabel('Title').fill('Never written');
        await app.control('revoke', { user: 'alice' });
        await app.control('reset');
        const hops = recordHops(page, app);
        if (javaScriptEnabled) await markDocument(page);
        const create = page.getByRole('button', { name: 'Create note' });
        await (javaScriptEnabled ? press(create) : create.click());
        await page.waitForURL(loginBackTo('/notes/new?x=1'));
        const posted = javaScriptEnabled ? [] : ['303 /notes/new?x=1'];
        expect(linesOf(hops)).toEqual([...posted, ...exitFrom('/notes/new?x=1')]);
        if (javaScriptEnabled) expect(await isMarked(page)).toBe(false);
        expect(await hasSessionCookie(context)).toBe(false);
        expect(await app.counters()).toMatchObject({ apiRequests: 1, tokenRequests: 1 });
      });
    });
  }
});
