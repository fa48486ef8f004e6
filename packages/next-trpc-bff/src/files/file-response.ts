import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { create, parse } from 'content-disposition';
import { limits } from '../runtime/limits.js';
import { log } from '../runtime/process.js';
import { firstValue } from '../upstream/transport.js';
import type { StreamedResponse } from '../upstream/upstream.js';
import { safeFileName } from './file-name.js';

/** How a file is sent to the browser. */
export interface Presentation {
  /** The name to save it under; by default the one that the upstream sends. */
  readonly fileName?: string;
  /** Whether images, sound, films and plain text may show in the browser instead of being saved. Default false. */
  readonly inline?: boolean;
}

/** The headers that pass from the upstream's answer to ours, an allow-list. */
const DESCRIPTIONS = ['content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified'] as const;

/** Types that cannot be a script, a style or a page; every other one is sent as `application/octet-stream`. */
const HARMLESS_TYPE =
  /^(?!.*\+xml$)(?:image\/(?!svg)[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|text\/(?:plain|csv)|application\/(?:pdf|json|zip|gzip|msword|vnd\.[\w.+-]+))$/;
const SHOWABLE_TYPE = /^(?:image|audio|video)\/|^text\/plain$/;
const CHARSET = /^charset=[\w-]+$/;

/** How much of a file is buffered for the browser, bytes. */
const BUFFER_BYTES = 65_536;

const STATUSES_WITHOUT_BODY: readonly number[] = [204, 205, 304, 416];

/**
 * `no-transform`, because a range of compressed bytes is a different range. The policy is for files that are shown.
 */
const SAFETY = {
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Makes a response that streams a file from the upstream. Only its bytes, size, range and validators are passed on.
 *
 * @param answer - 2xx, 304 or 416, its bytes not encoded
 * @param presentation - The file's name, and whether the browser may show it; by default it is saved
 * @returns A response that streams at the speed of its reader, and fails when it is not read for
 *   `limits.downloadPauseMs`, because it holds a permit of the limiter
 * @see https://www.rfc-editor.org/rfc/rfc6266
 */
export function fileResponse(
  { status, headers, body }: StreamedResponse,
  presentation: Presentation,
): Response {
  const isEmpty = STATUSES_WITHOUT_BODY.includes(status);
  const described = DESCRIPTIONS.flatMap((name) => {
    const value = headers[name];
    return value === undefined || (isEmpty && name === 'content-length') ? [] : [[name, String(value)]];
  });
  if (isEmpty) body.resume();
  return new Response(isEmpty ? null : streamOf(body), {
    status,
    headers: {
      ...SAFETY,
      ...Object.fromEntries(described),
      ...(status < 300 && presented(headers, presentation)),
    },
  });
}

function presented(
  headers: IncomingHttpHeaders,
  { fileName, inline = false }: Presentation,
): Record<string, string> {
  const [said = '', charset = ''] = (firstValue(headers['content-type']) ?? '')
    .toLowerCase()
    .split(/\s*;\s*/);
  const type = HARMLESS_TYPE.test(said) ? said : 'application/octet-stream';
  const isShown = inline && SHOWABLE_TYPE.test(type);
  return {
    'content-type': type.startsWith('text/') && CHARSET.test(charset) ? `${type}; ${charset}` : type,
    'content-disposition': create(safeFileName(fileName ?? nameIn(headers)), {
      type: isShown ? 'inline' : 'attachment',
    }),
  };
}

function nameIn(headers: IncomingHttpHeaders): string {
  const header = firstValue(headers['content-disposition']);
  return (header !== null && parse(header).parameters['filename']) || '';
}

/** Node's own `toWeb` throws an uncaught error when it is cancelled just before the source goes on. */
function streamOf(body: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = body[Symbol.asyncIterator]();
  let standing: NodeJS.Timeout | undefined;
  body.once('close', () => clearTimeout(standing));
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        clearTimeout(standing);
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else {
          controller.enqueue(value);
          standing = setTimeout(() => abortDownload(body, controller), limits().downloadPauseMs).unref();
        }
      },
      cancel() {
        body.destroy();
      },
    },
    // The default would count chunks instead of bytes.
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  );
}

function abortDownload(body: Readable, controller: ReadableStreamDefaultController): void {
  log().warn({ event: 'download_stalled' });
  controller.error(new Error('Nobody takes the download.'));
  body.destroy();
}
