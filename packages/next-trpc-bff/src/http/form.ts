/**
 * Reads the fields of a posted form.
 *
 * @param request - Its body is `application/x-www-form-urlencoded`, and unread
 * @param maxBytes - How large the body may be, bytes
 * @returns The fields, or null when the body is larger
 * @see https://url.spec.whatwg.org/#application/x-www-form-urlencoded
 */
export async function readForm(request: Request, maxBytes: number): Promise<URLSearchParams | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of request.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) return null;
    pieces.push(piece);
  }
  return new URLSearchParams(Buffer.concat(pieces).toString('utf8'));
}
