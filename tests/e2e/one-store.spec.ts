import { readdirSync, readlinkSync } from 'node:fs';
import { plainRequest } from '../support/plain-http';
import { expect, signIn, test } from './fixtures';

test('R6 a process opens one store for pages, route handlers, Server Actions and the boot', async ({
  page,
  app,
}) => {
  await signIn(page, 'alice');
  await page.goto('/overview');
  await page.goto('/notes/new');
  await page.getByLabel('Title').fill('Opened once');
  await page.getByRole('button', { name: 'Create note' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Opened once');
  for (const path of ['/api/auth/session', '/api/trpc/session.current', '/api/health/ready'])
    expect((await plainRequest(app.origin + path)).status).toBe(200);

  const folder = `/proc/${app.pid}/fd`;
  const open = readdirSync(folder).map((descriptor) => {
    try {
      return readlinkSync(`${folder}/${descriptor}`);
    } catch {
      return 'closed meanwhile';
    }
  });
  expect(open.filter((file) => file === app.databaseFile)).toHaveLength(1);
  expect(open.filter((file) => file === `${app.databaseFile}-wal`)).toHaveLength(1);
});
