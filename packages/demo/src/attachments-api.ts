import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { create } from 'content-disposition';
import { Attachments, etagOf, read } from './attachments';
import type { DemoResponse } from './http';
import type { DemoState } from './state';

const FORM_LIMIT_BYTES = 20_000_000;
const NO_SUCH_FILE: DemoResponse = { status: 404, json: { message: 'There is no such attachment.' } };
const NO_FILE: DemoResponse = {
  status: 422,
  json: { message: 'The given data was invalid.', errors: { file: ['Send a file.'] } },
};

/** Serves what is below `/api/notes/{id}/attachments`; the note is the caller's. */
export function createAttachmentsApi(state: DemoState) {
  const attachments = new Attachments();
  const received = (bytes: number) => {
    state.counters.uploadedBytes += bytes;
  };

  /** Takes a form with a `file`, or any other body as the file, called `?name=`. */
  async function add(
    noteId: string,
    request: IncomingMessage,
    query: URLSearchParams,
  ): Promise<DemoResponse> {
    const { 'content-type': type = 'application/octet-stream' } = request.headers;
    if (!type.startsWith('multipart/form-data')) {
      const name = query.get('name') || 'unnamed';
      return { status: 201, json: await attachments.add(noteId, { name, type }, request, received) };
    }
    const file = (await formOf(request, type))?.get('file');
    if (!(file instanceof File)) return NO_FILE;
    const content = Buffer.from(await file.arrayBuffer());
    const { name, type: fileType } = file;
    return {
      status: 201,
      json: await attachments.add(noteId, { name, type: fileType }, inOnePiece(content), received),
    };
  }

  function send(noteId: string, id: string, { headers, method }: IncomingMessage): DemoResponse {
    const file = attachments.find(noteId, id, state.knobs.api.attachmentBytes);
    if (!file) return NO_SUCH_FILE;
    const { name, type, size } = file;
    const etag = etagOf(file);
    const described = { etag, 'accept-ranges': 'bytes', 'content-type': type };
    if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
    const range = (headers['if-range'] ?? etag) === etag ? rangeIn(headers.range, size) : null;
    if (range === 'unsatisfiable') return { status: 416, headers: { 'content-range': `bytes */${size}` } };
    const { start, stop } = range ?? { start: 0, stop: size };
    const sent = {
      ...described,
      'content-length': String(stop - start),
      'content-disposition': create(name, { type: 'inline' }),
      ...(range && { 'content-range': `bytes ${start}-${stop - 1}/${size}` }),
    };
    const counted = new Transform({
      transform(piece: Buffer, _encoding, done) {
        state.counters.downloadedBytes += piece.length;
        done(null, piece);
      },
    });
    const isHead = method === 'HEAD';
    return {
      status: range ? 206 : 200,
      headers: sent,
      ...(!isHead && { stream: read(file, start, stop).pipe(counted) }),
    };
  }

  return {
    add,
    send,
    list: (noteId: string): DemoResponse => ({ status: 200, json: { items: attachments.list(noteId) } }),
    remove: (noteId: string, id: string): DemoResponse =>
      attachments.remove(noteId, id) ? { status: 204 } : NO_SUCH_FILE,
  };
}

async function formOf(request: IncomingMessage, type: string): Promise<FormData | null> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size <= FORM_LIMIT_BYTES) pieces.push(piece);
  }
  if (size > FORM_LIMIT_BYTES) return null;
  const form = new Response(Buffer.concat(pieces), { headers: { 'content-type': type } });
  return form.formData().catch(() => null);
}

async function* inOnePiece(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** Reads a `Range` of one range; `null` when there is none, or none that is understood. */
function rangeIn(
  header: string | undefined,
  size: number,
): { start: number; stop: number } | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const stop = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < stop ? { start, stop } : 'unsatisfiable';
}
