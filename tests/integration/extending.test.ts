import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fieldsHeader } from '../../packages/next-trpc-bff/src/client/file-link';
import { callerFor } from '../support/calling';
import { compile, layerFollowing, ROOT, snippetsOf } from '../support/documented-code';
import { readEvents } from '../support/event-stream';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';

const DOCUMENT = 'docs/extending.md';
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const upstream = await startUpstream();
const copy = layerFollowing(DOCUMENT);

const serving = async () =>
  z
    .object({ serveTRPC: z.custom<(request: Request) => Promise<Response>>() })
    .parse(await import(pathToFileURL(join(copy, 'server/handler.ts')).href));

test('A5 the snippets of docs/extending.md compile together, with the layer', () => {
  expect(snippetsOf(DOCUMENT).length).toBeGreaterThan(4);
  expect(compile(copy)).toBe('');
});

test('A5 the endpoints and the procedure of docs/extending.md answer', async () => {
  const { serveTRPC } = await serving();
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
  const { serveTRPC } = await serving();
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
  const { serveTRPC } = z
    .object({ serveTRPC: z.custom<(request: Request) => Promise<Response>>() })
    .parse(await import(pathToFileURL(join(copy, 'server/handler.ts')).href));
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

test('A5 the test of docs/extending.md passes', () => {
  for (const path of ['vitest.config.ts', 'tests/support'])
    cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  const { stdout, stderr, status } = spawnSync(process.execPath, [VITEST, 'run', '--root', copy], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], NODE_ENV: 'test' },
  });
  expect(`${stdout}${stderr}`).toMatch(/2 passed/);
  expect(status).toBe(0);
});
