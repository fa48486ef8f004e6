import { once } from 'node:events';
import { type IncomingMessage, request as send } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { RunningApp } from '../support/app';
import { plainRequest, signInOverHttp } from '../support/plain-http';
import { growthWhile } from '../support/resident-memory';
import { expect, test } from './fixtures';

const MIB = 1_048_576;
const PIECE = Buffer.alloc(65_536, 'x');
const ALLOWED_GROWTH = 64 * MIB;

/** Alice over plain HTTP, with her newest note: its attachments are what goes up and down. */
async function asAlice(app: RunningApp) {
  const cookie = `bff-session=${await signInOverHttp(app)}`;
  const list = await plainRequest(`${app.origin}/api/trpc/notes.list?input=%7B%22limit%22%3A1%7D`, {
    headers: { cookie },
  });
  const noteId: string = JSON.parse(list.body).result.data.items[0].id;
  const headersOf = (bytes: number) => ({
    cookie,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/octet-stream',
    'content-length': String(bytes),
    'x-trpc-fields': encodeURIComponent(JSON.stringify({ noteId, name: 'large.bin', type: '' })),
  });
  return {
    headersOf,
    /** Sends so many bytes, and returns the attachment. */
    async upload(bytes: number): Promise<{ id: string; size: number }> {
      const request = send(`${app.origin}/api/trpc/attachments.upload`, {
        method: 'POST',
        agent: false,
        headers: headersOf(bytes),
      });
      const answered = once(request, 'response');
      await pipeline(Readable.from(pieces(bytes)), request);
      const [response]: [IncomingMessage] = await answered.then(([first]) => [first]);
      return JSON.parse(await text(response)).result.data;
    },
    /** Asks for an attachment; nothing of it is read yet. */
    async download(id: string): Promise<IncomingMessage> {
      const address = `${app.origin}/notes/${noteId}/attachments/${id}`;
      const request = send(address, { agent: false, headers: { cookie } }).end();
      const [response]: [IncomingMessage] = await once(request, 'response').then(([first]) => [first]);
      return response;
    },
  };
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += PIECE.length) yield PIECE.subarray(0, bytes - at);
}

async function sizeOf(body: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const piece of body) bytes += piece.length;
  return bytes;
}

test('A6 the server’s memory stays flat during an upload of 100 MB and a download of 1 GB', async ({
  app,
}) => {
  test.skip(process.platform !== 'linux', 'Memory is read from /proc.');
  const { upload, download } = await asAlice(app);
  const warmUp = await upload(100 * MIB);
  await sizeOf(await download(warmUp.id));

  let began = performance.now();
  const grownUp = await growthWhile(app.pid, async () => {
    expect(await upload(100 * MIB)).toMatchObject({ size: 100 * MIB });
  });
  const up = performance.now() - began;

  await app.control('knobs', { api: { attachmentBytes: 1024 * MIB } });
  began = performance.now();
  const grownDown = await growthWhile(app.pid, async () => {
    expect(await sizeOf(await download(warmUp.id))).toBe(1024 * MIB);
  });
  const down = performance.now() - began;

  const figure = (bytes: number, ms: number) => `+${(bytes / MIB).toFixed(1)} MiB in ${Math.round(ms)} ms`;
  console.log(`Resident memory: 100 MiB up ${figure(grownUp, up)}, 1 GiB down ${figure(grownDown, down)}`);
  expect(grownUp).toBeLessThan(ALLOWED_GROWTH);
  expect(grownDown).toBeLessThan(ALLOWED_GROWTH);
});

test('A6 a download that is not read applies back-pressure to the API, and one that is cancelled ends there', async ({
  app,
}) => {
  const { upload, download } = await asAlice(app);
  const { id } = await upload(1);
  await app.control('reset');
  await app.control('knobs', { api: { attachmentBytes: 64 * MIB } });
  const stalled = await download(id);
  expect(await sizeOf(await download(id))).toBe(64 * MIB);
  // What the sockets on the way hold of the one that nobody reads.
  expect((await app.counters())['downloadedBytes']).toBeLessThan((64 + 32) * MIB);
  expect(await app.counters()).toMatchObject({ apiAborts: 0 });
  stalled.destroy();
  await expect.poll(async () => (await app.counters())['apiAborts']).toBe(1);
});

for (const [how, refuse] of Object.entries({
  'the API refuses': (app: RunningApp) => app.control('knobs', { api: { status: 413 } }),
  'has no session any more': (app: RunningApp) => app.control('revoke', { user: 'alice' }),
})) {
  test(`A6 an upload that ${how} while it is sent gets its answer, and can be sent to its end`, async ({
    app,
  }) => {
    const { headersOf } = await asAlice(app);
    await refuse(app);
    const bytes = 64 * MIB;
    const { hostname, port, host } = new URL(app.origin);
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    const answer = once(socket, 'data');
    const lines = Object.entries({ host, ...headersOf(bytes) }).map(([name, value]) => `${name}: ${value}`);
    socket.write(`POST /api/trpc/attachments.upload HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    // As a browser does it: looks at the answer when all is sent.
    await pipeline(Readable.from(pieces(bytes)), socket, { end: false });
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 (?:413|401) /);
    socket.destroy();
  });
}
