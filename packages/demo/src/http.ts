import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer as a value; `sendAnswer` puts it on the wire. */
export interface DemoResponse {
  status: number;
  json?: unknown;
  html?: string;
  /** Sent as it comes; its headers are all in `headers`. */
  stream?: Readable;
  headers?: Record<string, string>;
}

/** Sends an answer, never cacheable, with no body when it has neither JSON nor HTML. */
export function sendAnswer(
  response: ServerResponse,
  { status, json, html, stream, headers }: DemoResponse,
): void {
  if (stream) {
    response.writeHead(status, { 'cache-control': 'no-store', ...headers });
    // A caller that leaves ends the stream; that it left is noted elsewhere.
    pipeline(stream, response, () => {});
    return;
  }
  const type = html !== undefined ? 'text/html; charset=utf-8' : 'application/json';
  const body = html ?? (json === undefined ? '' : JSON.stringify(json));
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...(body && { 'content-type': type }),
    ...(status !== 204 && status !== 304 && { 'content-length': Buffer.byteLength(body) }),
    ...headers,
  });
  response.end(body);
}

/** Reads a body as text; `null` when it is longer than the limit. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    // Read on without keeping it: an answer before the end of the body would be lost with the connection.
    if (length <= limitBytes) chunks.push(chunk);
  }
  return length <= limitBytes ? Buffer.concat(chunks).toString('utf8') : null;
}

/** Parses JSON; `undefined`, which JSON cannot say, when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A signal that aborts when the caller goes away before the answer was sent. */
export function abortWhenCallerLeaves(response: ServerResponse): AbortSignal {
  const caller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) caller.abort();
  });
  return caller.signal;
}

/** Waits, but not for longer than the caller does. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes text safe inside HTML elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
