import type { Page } from '@playwright/test';
import { expect, hasSessionCookie, isLive, signIn, test } from './fixtures';

const PAGES = ['/', '/login', '/notes', '/notes/new', '/notes/[id]', '/overview'] as const;

/** Opens a page as people would see it: signed in, but for the sign-in itself. */
async function open(page: Page, path: (typeof PAGES)[number]): Promise<void> {
  if (path !== '/login') await signIn(page, 'alice', '/notes');
  if (path === '/notes/[id]') await page.locator('.notes a').first().click();
  else await page.goto(path);
  await page.waitForURL((url) =>
    path === '/notes/[id]' ? /^\/notes\/(?!new)/.test(url.pathname) : url.pathname === path,
  );
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
}

/** Collects what the pages complain about. */
function recordComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

test('A1 the header is one line where there is room', async ({ page }) => {
  await signIn(page, 'alice');
  const middleOf = async (name: string) => {
    const box = await page.getByRole('banner').getByText(name, { exact: true }).boundingBox();
    return (box?.y ?? 0) + (box?.height ?? 0) / 2;
  };
  const middle = await middleOf('next-trpc-bff');
  expect(Math.abs((await middleOf('Alice Archer')) - middle)).toBeLessThan(3);
  expect(Math.abs((await middleOf('Sign out')) - middle)).toBeLessThan(3);
});

for (const path of PAGES) {
  test(`A1 ${path} has one h1, a title, a label for every field, and a quiet console`, async ({ page }) => {
    const complaints = recordComplaints(page);
    await open(page, path);
    await expect(page.locator('h1')).toHaveCount(1);
    await expect(page).toHaveTitle(/next-trpc-bff$/);
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    const unlabelled = await page
      .locator('input:not([type=hidden]), textarea, select')
      .evaluateAll((fields) =>
        fields
          .filter((field) => {
            const labels = 'labels' in field && field.labels instanceof NodeList ? [...field.labels] : [];
            return !labels.some((label) => label.textContent?.trim()) && !field.getAttribute('aria-label');
          })
          .map(({ outerHTML }) => outerHTML),
      );
    expect(unlabelled).toEqual([]);
    const nameless = await page
      .locator('button, a')
      .evaluateAll((nodes) =>
        nodes
          .filter((node) => !node.textContent?.trim() && !node.getAttribute('aria-label'))
          .map(({ outerHTML }) => outerHTML),
      );
    expect(nameless).toEqual([]);
    const fields = ['/login', '/notes/new', '/notes/[id]'].includes(path) ? 2 : 0;
    await expect(page.getByRole('textbox')).toHaveCount(fields);
    expect(complaints).toEqual([]);
  });

  test(`A1 ${path} fits a screen of 360 px`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, path);
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(overflow)).toBe(0);
    const cut = await page
      .locator('main *:visible, header *:visible')
      .evaluateAll((nodes) =>
        nodes
          .filter((node) => !node.closest('.skip-link') && node.getBoundingClientRect().right > 361)
          .map(({ outerHTML }) => outerHTML.slice(0, 120)),
      );
    expect(cut).toEqual([]);
    // The words of a file input are the browser's.
    const broken = await page.locator('button:visible').evaluateAll((buttons) =>
      buttons
        .filter((button) => {
          const text = document.createRange();
          text.selectNodeContents(button);
          return text.getClientRects().length !== 1;
        })
        .map(({ outerHTML }) => outerHTML),
    );
    expect(broken).toEqual([]);
  });

  test(`A1 ${path} follows the system’s colours, readable in both`, async ({ page }) => {
    await open(page, path);
    for (const [colorScheme, isDark] of [
      ['light', false],
      ['dark', true],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await expect.poll(async () => (await brightness(page, 'background-color')) < 0.3).toBe(isDark);
      await expect.poll(async () => (await brightness(page, 'color')) > 0.6).toBe(isDark);
    }
  });

  test(`A1 ${path} renders light, dark and 360 px wide`, async ({ page }) => {
    await open(page, path);
    const name = path === '/' ? 'home' : path.slice(1).replaceAll('/', '-').replace('[id]', 'one');
    for (const look of ['light', 'dark', '360px'] as const) {
      await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' });
      await page.setViewportSize({ width: look === '360px' ? 360 : 1280, height: 800 });
      const file = `test-results/screenshots/${name}-${look}.png`;
      const picture = await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
      expect(picture.readUInt32BE(16)).toBe(look === '360px' ? 360 : 1280);
    }
  });
}

/** How bright a colour of the page is, 0 black to 1 white. */
async function brightness(page: Page, property: 'color' | 'background-color'): Promise<number> {
  const colour = await page.locator('html').evaluate((root, name) => {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) return null;
    const own = getComputedStyle(document.body).getPropertyValue(name);
    const isClear = own === 'rgba(0, 0, 0, 0)' || own === 'transparent';
    canvas.fillStyle = isClear ? getComputedStyle(root).getPropertyValue(name) : own;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  }, property);
  const [red = 0, green = 0, blue = 0, opacity = 0] = colour ?? [];
  if (opacity !== 255) throw new Error(`The page’s ${property} is not opaque.`);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Presses Tab until the element with this name has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = page.locator(':focus');
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab');
    const text = await focused.evaluate((node) => {
      const labels = node instanceof HTMLInputElement ? [...(node.labels ?? [])] : [];
      return (labels[0] ?? node).textContent?.trim();
    });
    if (text !== name) continue;
    await expect(focused).toBeInViewport();
    const outline = await focused.evaluate((node) => {
      const { outlineStyle, boxShadow } = getComputedStyle(node);
      return outlineStyle !== 'none' || boxShadow !== 'none';
    });
    expect(outline, `${name} shows that it has the focus`).toBe(true);
    return;
  }
  throw new Error(`Twenty presses of Tab did not reach ${name}.`);
}

test('A1 sign-in and sign-out by keyboard alone', async ({ page, context, app }) => {
  await page.goto('/login?callbackUrl=/notes');
  await tabTo(page, 'Continue with single sign-on');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Login')).toBeFocused();
  await page.keyboard.type('alice');
  await tabTo(page, 'Password');
  await page.keyboard.type('demo');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${app.origin}/notes`);
  expect(await isLive(context, app)).toBe(true);

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeInViewport();
  await tabTo(page, 'Sign out');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/login*');
  expect(await hasSessionCookie(context)).toBe(false);
});

test('A1 sign-in, a note and sign-out without JavaScript', async ({ browser, app }) => {
  const context = await browser.newContext({ baseURL: app.origin, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, 'bob', '/notes');
  await expect(page.locator('.notes > li')).toHaveCount(10);
  await page.getByRole('link', { name: 'New note' }).click();
  await page.getByRole('button', { name: 'Create note' }).click();
  await expect(page.getByText('A note needs a title.')).toBeVisible();
  await page.getByLabel('Title').fill('Written without scripts');
  await page.getByRole('button', { name: 'Create note' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Written without scripts');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/login*');
  expect(await hasSessionCookie(context)).toBe(false);
  await context.close();
});
