import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loginMapping } from '../../packages/next-trpc-bff/src/auth/tokens/login-mapping';
import { fieldsHeader } from '../../packages/next-trpc-bff/src/client/file-link';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { conventions } from '../../packages/next-trpc-bff/src/upstream/conventions';
import { callerFor } from '../support/calling';
import { compile, layerFollowing, ROOT, serveTRPCOf, snippetsOf, write } from '../support/documented-code';
import { readEvents } from '../support/event-stream';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const DOCUMENT = 'docs/extending.md';
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const upstream = await startUpstream();
const copy = layerFollowing(DOCUMENT);

test('A5 the snippets of docs/extending.md compile together, with the layer', () => {
  expect(snippetsOf(DOCUMENT).length).toBeGreaterThan(4);
  expect(compile(copy)).toBe('');
});

test('A5 the endpoints and the procedure of docs/extending.md answer', async () => {
  const serveTRPC = await serveTRPCOf(copy);
  const alice = await signIn(upstream, 'alice');
  const ask = async (path: string, input: object | undefined, method = 'GET') => {
    const address = `${APP_ORIGIN}/api/trpc/${path}`;
    const body = JSON.stringify(input ?? null);
    const headers = new Headers(alice);
    headers.set('content-type', 'application/json');
    const request =
      method === 'GET'
        ? new Request(`${address}${input ? `?input=${encodeURIComponent(body)}` : ''}`, { headers })
        : new Request(address, { method, headers, body });
    const { result } = await (await serveTRPC(request)).json();
    return result.data;
  };
  const { id } = await ask('journal.write', { title: 'Documented' }, 'POST');
  expect(await ask('journal.rename', { id, title: 'Renamed' }, 'POST')).toMatchObject({ title: 'Renamed' });
  expect(await ask('journal.byId', { id })).toMatchObject({ id, title: 'Renamed' });
  expect(await ask('journal.list', { limit: 1 })).toMatchObject({ items: [{ id }] });
  expect(await ask('digest.today', { limit: 1 })).toMatchObject({ for: 'alice', titles: ['Renamed'] });
  await ask('journal.strike', { id }, 'POST');
  expect(await ask('journal.motto', undefined)).toMatchObject({ message: expect.any(String) });
});

test('A6 the upload, the form and the download of docs/extending.md work', async () => {
  const serveTRPC = await serveTRPCOf(copy);
  const { GET } = z
    .object({ GET: z.custom<(request: Request, context: object) => Promise<Response>>() })
    .parse(await import(pathToFileURL(join(copy, 'app/scans/[noteId]/[id]/route.ts')).href));
  const alice = await signIn(upstream, 'alice');
  const [{ id: noteId = '' } = {}] = (await callerFor(alice).notes.list({ limit: 1 })).items;
  const file = new File(['a picture'], 'scan.png', { type: 'image/png' });
  const form = new FormData();
  form.set('noteId', noteId);
  form.set('file', file);
  const post = async (path: string, body: BodyInit, own: Record<string, string>) => {
    const request = new Request(`${APP_ORIGIN}/api/trpc/${path}`, { method: 'POST', body });
    const type = request.headers.get('content-type') ?? '';
    const headers = { ...Object.fromEntries(alice), 'content-type': type, ...own };
    return (await (await serveTRPC(new Request(request, { headers }))).json()).result.data;
  };
  const fields = fieldsHeader({ fields: { noteId, name: file.name } });
  const octets = { 'content-type': 'application/octet-stream', ...fields };
  for (const scan of [await post('scans.upload', file, octets), await post('scans.uploadForm', form, {})]) {
    expect(scan).toEqual({ id: expect.any(String), name: 'scan.png', size: 9 });
    const params = Promise.resolve({ noteId, id: scan.id });
    const saved = await GET(new Request(`${APP_ORIGIN}/scans`, { headers: alice }), { params });
    expect([saved.headers.get('content-type'), await saved.text()]).toEqual(['image/png', 'a picture']);
  }
});

test('A7 the subscription of docs/extending.md hears what happens', async () => {
  const serveTRPC = await serveTRPCOf(copy);
  const alice = await signIn(upstream, 'alice');
  const leaving = new AbortController();
  const address = `${APP_ORIGIN}/api/trpc/news.ofNotes`;
  const stream = readEvents(
    await serveTRPC(new Request(address, { headers: alice, signal: leaving.signal })),
  );
  await expect.poll(() => stream.events.some(({ id }) => id)).toBe(true);
  await callerFor(alice).notes.create({ title: 'News', body: '' });
  await expect.poll(() => stream.contents()).toEqual([{ type: 'created' }]);
  leaving.abort();
  await stream.ended;
});

test('A5 the options of docs/extending.md hold', async () => {
  await serveTRPCOf(copy);
  expect(limits()).toMatchObject({ retries: 1, retryPauseMs: 100 });
  expect(conventions().verdict({ status: 498, headers: {}, payload: undefined })).toBe('unauthenticated');
  expect(conventions().unwrap({ data: 1, message: '' })).toBe(1);
  expect(loginMapping().loginBody({ login: 'ada', password: 'x' })).toEqual({ email: 'ada', password: 'x' });
});

test('A5 the test of docs/extending.md passes against the built package', () => {
  // As in an adopter's app: the project's own configuration would lead to the package's source.
  write(join(copy, 'vitest.config.ts'), 'export default {};\n');
  const { stdout, stderr, status } = spawnSync(process.execPath, [VITEST, 'run', '--root', copy], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_ENV: 'test' },
  });
  expect(`${stdout}${stderr}`).toMatch(/2 passed/);
  expect(status).toBe(0);
});
