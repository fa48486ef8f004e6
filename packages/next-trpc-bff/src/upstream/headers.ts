import { validateHeaderName, validateHeaderValue } from 'node:http';
import { TRPCError } from '@trpc/server';

/** Headers by which a request is framed or routed, which are the transport's, and the browser's cookie. */
const RESERVED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Checks the headers that an endpoint sends, whose values may come from an input.
 *
 * @param call - Method and path template, for the message
 * @param headers - Values by name, in any case
 * @returns The same by lower-case name
 * @throws {TRPCError} BAD_REQUEST naming the header whose name or value cannot be sent, such as one with a line break
 */
export function headersFrom(call: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name, value] of entries) {
    if (RESERVED.has(name) || !isSendable(name, value)) {
      const message = `The header ${JSON.stringify(name)} of ${call} cannot be sent.`;
      throw new TRPCError({ code: 'BAD_REQUEST', message });
    }
  }
  return Object.fromEntries(entries);
}

function isSendable(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
