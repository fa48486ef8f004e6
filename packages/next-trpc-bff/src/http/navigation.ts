/**
 * Tells whether a request is a person's document navigation, as opposed to a router's fetch, a prefetch, an
 * image or a frame. What is no document gets no redirect and no cookie: Next's router would follow both inside
 * the same document, and the next user would find the last one's caches in it.
 *
 * @param request - Address and headers; the router's own marks rule out, else `Sec-Fetch-Dest` decides where it is sent
 * @returns True for a navigation that a service worker passes on, and for a plain HTTP client too
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
 */
export function isDocumentNavigation({ url, headers }: { url: string; headers: Headers }): boolean {
  if (headers.has('sec-purpose') || headers.get('purpose') === 'prefetch') return false;
  if (headers.has('rsc') || headers.has('next-router-prefetch') || new URL(url).searchParams.has('_rsc'))
    return false;
  const destination = headers.get('sec-fetch-dest');
  // A service worker that fetches what it was asked for blurs `document` to `empty`. No script can ask for that mode.
  if (destination === 'empty') return headers.get('sec-fetch-mode') === 'navigate';
  return destination === null || destination === 'document';
}
