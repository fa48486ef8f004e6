import { MIMEType } from 'node:util';

/** Characters. @see https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
const LONGEST_BOUNDARY = 70;

/**
 * Counts the parts of a form while it arrives: whoever parses it does so at once, and a hundred thousand empty parts
 * would hold up everybody else for seconds.
 *
 * @param contentType - The request's
 * @returns Takes the next piece of the body and returns how many parts there were so far; null for what is no form
 * @see https://www.rfc-editor.org/rfc/rfc7578#section-4.1
 */
export function partCounter(contentType: string): ((piece: Uint8Array) => number) | null {
  const boundary = boundaryIn(contentType);
  if (boundary === null) return null;
  if (boundary.length > LONGEST_BOUNDARY) return () => Number.POSITIVE_INFINITY;
  const mark = Buffer.from(`--${boundary}`);
  let rest = Buffer.alloc(0);
  let count = 0;
  return (piece) => {
    const text = Buffer.concat([rest, piece]);
    let from = 0;
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, from)) {
      count += 1;
      from = at + mark.length;
    }
    // A mark may come in two pieces.
    rest = text.subarray(Math.max(from, text.length - mark.length + 1));
    return count;
  };
}

/** Read as undici reads it, which will take the form apart: the first of several, without its quotes. */
function boundaryIn(contentType: string): string | null {
  // Nearly all requests are none, and to read a type that is empty throws.
  if (!/^multipart\/form-data/i.test(contentType)) return null;
  try {
    const { essence, params } = new MIMEType(contentType);
    return essence === 'multipart/form-data' ? params.get('boundary') : null;
  } catch {
    return null;
  }
}
