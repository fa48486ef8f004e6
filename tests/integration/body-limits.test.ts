import { beforeEach, describe, expect, test } from 'vitest';
import { fieldsHeader } from '../../packages/next-trpc-bff/src/client/file-link';
import { limits } from '../../packages/next-trpc-bff/src/runtime/limits';
import { callerFor } from '../support/calling';
import { serveTRPC } from '../support/serve-trpc';
import { APP_ORIGIN, signIn, startUpstream } from '../support/signed-in';
import { generated } from '../support/streams';

const UPLOAD_MAX_BYTES = 16_777_216;
const FORM = 'multipart/form-data; boundary=x';
const OCTETS = 'application/octet-stream';

const upstream = await startUpstream({ UPLOAD_MAX_BYTES: String(UPLOAD_MAX_BYTES) });
const alice = await signIn(upstream, 'alice');
const [{ id: noteId = '' } = {}] = (await callerFor(alice).notes.list({ limit: 1 })).items;
const fields = fieldsHeader({ fields: { noteId, name: 'a.bin', type: '' } });

beforeEach(() => upstream.control('reset'));

function post(path: string, body: BodyInit, headersOfBody: Record<string, string>): Promise<Response> {
  const headers = new Headers(alice);
  for (const [name, value] of Object.entries({ ...headersOfBody, ...fields })) headers.set(name, value);
  const init = { method: 'POST', headers, body, duplex: 'half' };
  return serveTRPC(new Request(`${APP_ORIGIN}/api/trpc/${path}`, init));
}

const codeOf = async (response: Response) => (await response.json()).error.data.code;

describe('A6 a body that is too large for its kind is 413', () => {
  test.each([
    ['JSON', 'notes.create', 'application/json', limits().bodyBytes],
    ['a form', 'attachments.uploadForm', FORM, limits().formBytes],
    ['a file', 'attachments.upload', OCTETS, UPLOAD_MAX_BYTES],
  ])('when %s has a content-length, before a byte is read', async (_, path, type, limit) => {
    const body = generated(limit);
    const length = String(limit + 1);
    const response = await post(path, body.stream, { 'content-type': type, 'content-length': length });
    expect([response.status, await codeOf(response)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(body.taken()).toBe(0);
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  test.each([
    ['JSON', 'notes.create', 'application/json', limits().bodyBytes],
    ['a form', 'attachments.uploadForm', FORM, limits().formBytes],
  ])('when %s has no content-length, and the API is not called', async (_, path, type, limit) => {
    const response = await post(path, generated(limit + 1).stream, { 'content-type': type });
    expect([response.status, await codeOf(response)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
  });

  test('when a file has no content-length, and the request to the API is aborted', async () => {
    const response = await post('attachments.upload', generated(UPLOAD_MAX_BYTES + 1).stream, {
      'content-type': OCTETS,
    });
    expect([response.status, await codeOf(response)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    await expect.poll(() => upstream.counters()).toMatchObject({ apiRequests: 1, apiAborts: 1 });
  });
});

/** A form of files without a name, a type or content. */
const formOf = (parts: number) =>
  `${'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n\r\n'.repeat(parts)}--x--\r\n`;

test('S8 a form with too many parts is refused before it is parsed', async () => {
  const body = formOf(limits().formParts + 1);
  const length = String(body.length);
  const ways = [post('attachments.uploadForm', body, { 'content-type': FORM, 'content-length': length })];
  // In pieces of one byte each mark comes in several.
  const pieces = Array.from(Buffer.from(body), (byte) => Uint8Array.of(byte));
  ways.push(post('attachments.uploadForm', new Blob(pieces).stream(), { 'content-type': FORM }));
  for (const response of await Promise.all(ways))
    expect([response.status, await codeOf(response)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
  expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
});

test.each([
  'multipart/form-data; boundary="x"',
  'multipart/form-data; boundary="\\x"',
  'multipart/form-data; boundary=x; boundary=zzz',
  'multipart/form-data; boundary=x; y=boundary=zzz',
  'multipart/form-data; y="boundary=zzz"; boundary=x',
  'multipart/form-data; charset=utf-8; boundary=x; z-boundary=zzz',
  `multipart/form-data; boundary=${'x'.repeat(71)}`,
])('S8 the parts of a form are counted however its boundary is written: %s', async (type) => {
  const response = await post('attachments.uploadForm', formOf(limits().formParts + 1), {
    'content-type': type,
  });
  expect([response.status, await codeOf(response)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
});

test('S8 a form with the highest number of parts is read', async () => {
  const response = await post('attachments.uploadForm', formOf(limits().formParts - 1), {
    'content-type': FORM,
  });
  expect([response.status, await codeOf(response)]).toEqual([400, 'BAD_REQUEST']);
});

test('A6 a file of exactly the limit passes', async () => {
  const response = await post('attachments.upload', generated(UPLOAD_MAX_BYTES).stream, {
    'content-type': OCTETS,
    'content-length': String(UPLOAD_MAX_BYTES),
  });
  expect((await response.json()).result.data).toMatchObject({ size: UPLOAD_MAX_BYTES });
});

test('A6 the content type of a form or a file does not raise the limit of another procedure', async () => {
  for (const type of [FORM, OCTETS]) {
    const response = await post('notes.create', generated(limits().bodyBytes).stream, {
      'content-type': type,
    });
    expect([response.status, await codeOf(response)]).toEqual([400, 'BAD_REQUEST']);
  }
  expect(await upstream.counters()).toMatchObject({ apiRequests: 0 });
});
