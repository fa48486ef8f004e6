import { afterEach, describe, expect, test, vi } from 'vitest';
import { completeEnvironment } from '../support/environment';

/** Loads modules as a build with this base path has them. */
async function built<Module>(basePath: string | undefined, load: () => Promise<Module>): Promise<Module> {
  vi.resetModules();
  Reflect.deleteProperty(globalThis, Symbol.for('next-trpc-bff.env'));
  vi.stubEnv('BASE_PATH', basePath);
  return load();
}

const load = () => import('../../packages/next-trpc-bff/src/runtime/base-path');

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['https://app.example.com', ''],
  ['https://app.example.com/', ''],
  ['https://app.example.com/app', '/app'],
  ['https://app.example.com/app/', '/app'],
  ['http://localhost:3000/teams/team-1/app_v1.2', '/teams/team-1/app_v1.2'],
  ['https://app.example.com/x/../app', '/app'],
  ['https://app.example.com/app//x', ''],
  ['https://app.example.com/ä', ''],
  ['https://app.example.com/(a|b)', ''],
  ['app.example.com/app', ''],
  [undefined, ''],
])('L12 the base path of AUTH_URL=%s is "%s"', async (address, basePath) => {
  expect((await built('', load)).basePathOf(address)).toBe(basePath);
});

describe('L12 with a base path', () => {
  test.each([
    ['/', '/app'],
    ['/?x=1', '/app?x=1'],
    ['/#end', '/app#end'],
    ['/notes?to=/', '/app/notes?to=/'],
    ['/app', '/app/app'],
    ['https://id.example.com/end', 'https://id.example.com/end'],
  ])('%s is %s to the browser', async (path, address) => {
    expect((await built('/app', load)).withBasePath(path)).toBe(address);
  });

  test.each([
    ['/app', '/'],
    ['/app/', '/'],
    ['/app/notes', '/notes'],
    ['/app/app', '/app'],
    ['/apple', '/apple'],
  ])('the browser’s %s is %s to the application', async (path, known) => {
    expect((await built('/app', load)).withoutBasePath(path)).toBe(known);
  });

  test('redirect() gets whole addresses, which Next leaves alone', async () => {
    const { redirectAddress } = await built(
      '/app',
      () => import('../../packages/next-trpc-bff/src/http/redirect-address'),
    );
    for (const [name, value] of Object.entries(completeEnvironment())) vi.stubEnv(name, value);
    vi.stubEnv('AUTH_URL', 'https://example.com/app');
    expect(redirectAddress('/')).toBe('https://example.com/app');
    expect(redirectAddress('/notes?x=1#end')).toBe('https://example.com/app/notes?x=1#end');
  });

  test.each(['https://example.com/app', 'https://example.com/app/'])(
    'AUTH_URL=%s is read without a slash at its end',
    async (AUTH_URL) => {
      const { readEnv } = await built('/app', () => import('../../packages/next-trpc-bff/src/runtime/env'));
      const read = readEnv({ ...completeEnvironment(), AUTH_URL });
      expect(read.AUTH_URL).toBe('https://example.com/app');
    },
  );

  test.each(['', '/', '/App', '/app/x', '/ap'])(
    'S12 an AUTH_URL with the path "%s" is refused',
    async (path) => {
      const { readEnv } = await built('/app', () => import('../../packages/next-trpc-bff/src/runtime/env'));
      const read = () => readEnv({ ...completeEnvironment(), AUTH_URL: `https://example.com${path}` });
      expect(read).toThrow('AUTH_URL must end in /app, the path of the build: mend it, or build again');
    },
  );

  test('applications below different base paths have different cookie names, and none begins with another', async () => {
    const names: string[] = [];
    for (const basePath of [undefined, '/app', '/app/x', '/app.x', '/app2']) {
      const { cookieName } = await built(
        basePath,
        () => import('../../packages/next-trpc-bff/src/session/secrets'),
      );
      for (const [name, value] of Object.entries(completeEnvironment())) vi.stubEnv(name, value);
      vi.stubEnv('AUTH_URL', `https://example.com${basePath ?? ''}`);
      names.push(cookieName('session'));
    }
    expect(names[0]).toBe('__Host-bff-session');
    for (const name of names) {
      expect(name).toMatch(/^__Host-[\w.~-]+$/);
      expect(names.filter((other) => other.startsWith(name))).toEqual([name]);
    }
  });
});

test('L12 without a base path nothing changes', async () => {
  const { withBasePath, withoutBasePath } = await built(undefined, load);
  for (const path of ['/', '/?x', '/notes']) {
    expect([withBasePath(path), withoutBasePath(path)]).toEqual([path, path]);
  }
});
