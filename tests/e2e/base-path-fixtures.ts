import { rmSync } from 'node:fs';
import { test as base, expect } from '@playwright/test';
import type { Build } from '../support/app';
import { type Instances, startInstances } from '../support/instances';
import { buildIn, copyProject } from '../support/project-copy';
import { withoutSubscriptions } from './fixtures';

/** Where this build is served: more than one segment, and a character that means something in patterns. */
export const BASE = '/team.1/app';
export const SESSION_COOKIE = 'team.1~app~bff-session';

/** A build with a base path and for another origin, behind a proxy that passes another host. A page that asks for anything outside fails its test. */
export const test = base.extend<
  { freshDemo: undefined; strays: undefined; subscribes: boolean },
  { build: Build; app: Instances }
>({
  build: [
    async ({ browserName: _ }, use) => {
      const folder = copyProject(['tests', 'bench', 'demo', 'package-lock.json']);
      try {
        const { status, stdout, stderr } = buildIn(folder, { AUTH_URL: `https://at.build.example${BASE}/` });
        expect(status, stdout + stderr).toBe(0);
        await use({ folder, basePath: BASE });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  app: [
    async ({ build }, use) => {
      const app = await startInstances(1, {}, {}, build, { headers: { host: 'app_backend' } });
      await use(app);
      await app.stop();
    },
    { scope: 'worker' },
  ],
  freshDemo: [
    async ({ app }, use) => {
      await app.control('knobs');
      await app.control('revoke', { user: 'alice' });
      await app.control('reset');
      await use(undefined);
    },
    { auto: true },
  ],
  strays: [
    async ({ page, app }, use) => {
      const strays: string[] = [];
      page.on('request', (request) => {
        const { origin, pathname } = new URL(request.url());
        const isInside = origin === app.origin && `${pathname}/`.startsWith(`${BASE}/`);
        if (!isInside && origin !== app.demo.origin) strays.push(request.url());
      });
      await use(undefined);
      expect(strays).toEqual([]);
    },
    { auto: true },
  ],
  subscribes: [false, { option: true }],
  context: async ({ context, subscribes }, use) => {
    if (!subscribes) await withoutSubscriptions(context);
    await use(context);
  },
  baseURL: async ({ app }, use) => use(app.origin),
});
