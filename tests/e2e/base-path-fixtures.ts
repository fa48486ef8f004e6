import { rmSync } from 'node:fs';
import type { Build } from '../support/app';
import { type Instances, startInstances } from '../support/instances';
import { buildIn, copyProject } from '../support/project-copy';
import { expect, testWith } from './fixtures';

/** Where this build is served: more than one segment, and a character that means something in patterns. */
export const BASE = '/team.1/app';
export const SESSION_COOKIE = 'team.1~app~bff-session';

/** Builds the application with a base path and for another origin, and starts it behind a proxy that passes another host. */
async function startWithBasePath(): Promise<Instances & { readonly build: Build }> {
  const folder = copyProject(['tests', 'bench', 'demo', 'package-lock.json']);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const { status, stdout, stderr } = buildIn(folder, { AUTH_URL: `https://at.build.example${BASE}/` });
    expect(status, stdout + stderr).toBe(0);
    const build = { folder, basePath: BASE };
    const app = await startInstances(1, {}, {}, build, { headers: { host: 'app_backend' } });
    return { ...app, build, stop: () => app.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The `test` for that app. A page that requests anything outside the base path fails its test. */
export const test = testWith(startWithBasePath).extend<{ strays: undefined }>({
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
});
