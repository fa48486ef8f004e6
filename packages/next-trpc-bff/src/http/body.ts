/**
 * Reads a body whole, up to a limit.
 *
 * @param body - Of a request or a response, unread
 * @param maxBytes - How large it may be, bytes
 * @returns Its text, or null when it is larger
 */
export async function readText(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/**
 * Reads the fields of a posted form.
 *
 * @param request - Its body is `application/x-www-form-urlencoded`, and unread
 * @param maxBytes - How large the body may be, bytes
 * @returns The fields, or null when the body is larger
 * @see https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 */
export async function readForm(request: Request, maxBytes: number): Promise<URLSearchParams | null> {
  const text = await readText(request.body, maxBytes);
  return text === null ? null : new URLSearchParams(text);
}
