import { STATUS_CODES } from 'node:http';
import { type DemoResponse, escapeHtml } from './http';
import type { ApiKnob } from './knobs';

/** Returns the answer that the `api` knob puts in the place of the genuine one. */
export function answerApiFault(
  status: number,
  { body = 'json', message, challenge = 'Bearer realm="notes"' }: ApiKnob,
): DemoResponse {
  const text = message ?? STATUS_CODES[status] ?? 'Fault';
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': challenge } : {};
  if (body === 'empty' || status === 204 || status === 304) return { status, headers };
  if (body === 'html')
    return { status, headers, html: `<!doctype html><title>${status}</title><h1>${escapeHtml(text)}</h1>` };
  return { status, headers, json: { message: text } };
}
